// A .tflite file that translates pictures, run by LiteRT.js on this device.

const SPEC = "translator.json";
const MODEL = "model.tflite";
const IMAGES = "images"; // what is translated is called so in an export
const WASM = "./node_modules/@litertjs/core/wasm/";
const TOLERANCE = 4; // of 255 on average, between the GPU and the processor
const MAGIC = "TFL3"; // bytes 4 to 8 of every .tflite file

const LITERT_MISSING =
  "LiteRT.js is missing, or parts of it. Run `npm install` in the folder of " +
  "this page, then load it again.";

/** What keeps the translator from working, in words for people. */
export class Obstacle extends Error {}

/**
 * A translator: on the GPU where WebGPU reaches one and it computes what the
 * processor computes, else by WebAssembly.
 *
 * `spec` holds the facts of translator.json, `source` those of what is
 * translated and `others` those of what it takes beside; `size` is the pixels
 * of a side of the square that goes in, `device` the words for what computes.
 */
export class Translator {
  #litert;
  #bytes;
  #model;
  #onGpu;
  #expected; // what the processor makes of the probe
  #files = {}; // further networks: the name of a file -> its bytes
  #networks = {}; // and compiled
  #lost = null; // why the GPU is gone
  #fail; // of the run that would wait for it

  /** Opens what lies beside the page; `report` gets a line on every step. */
  static async open(report) {
    const translator = new Translator();
    translator.spec = await fetchSpec();
    const inputs = translator.spec.inputs ?? []; // older exports tell nothing
    translator.source = inputs.find(({ input }) => input === IMAGES) ?? {};
    translator.others = inputs.filter(({ input }) => input !== IMAGES);
    report(`Loading ${translator.spec.name} …`);
    translator.#bytes = await fetchModel(MODEL, (percent) =>
      report(`Loading ${translator.spec.name}: ${percent} % …`),
    );
    report(`Preparing ${translator.spec.name} …`);
    try {
      translator.#litert = await import("@litertjs/core");
    } catch {
      throw new Obstacle(LITERT_MISSING);
    }
    await translator.#start(false);
    if (await hasGpu()) {
      // A GPU may take a model and compute something else, which nobody would
      // see: int8 files for one. So it has to agree with the processor.
      report(`Trying ${translator.spec.name} on the graphics processor …`);
      translator.#expected = await translator.#runProbe();
      await translator.#start(true);
    }
    return translator;
  }

  /**
   * Translates an ImageData of `size` by `size` pixels, or the numbers of a
   * map; returns an ImageData. `values` are typed arrays, by the names of
   * `others`.
   */
  async translate(picture, values = {}) {
    if (!this.#onGpu) return this.#run(picture, values);
    try {
      const lost = this.#gpuLost();
      return await Promise.race([lost, this.#run(picture, values)]);
    } catch (error) {
      console.warn("WebGPU failed; WebAssembly takes over.", error);
      await this.#start(false);
      return this.#run(picture, values);
    }
  }

  /**
   * What a further network beside the page reads off a picture, an ImageData
   * of `size` by `size` pixels: a style, as `translate` takes it.
   */
  async encode(file, picture) {
    const [code] = await this.run(file, (dtype) => valuesOf(picture, dtype));
    return code;
  }

  /**
   * Runs a further network beside the page, always on the processor. `values`
   * is a typed array, or a function of the type that it takes; returns typed
   * arrays, the largest first.
   */
  async run(file, values) {
    this.#files[file] ??= await fetchModel(file);
    this.#networks[file] ??= await this.#litert.loadAndCompile(
      this.#files[file],
      { accelerator: "wasm" },
    );
    const network = this.#networks[file];
    const tensors = [];
    try {
      const [{ name, dtype, shape }] = network.getInputDetails();
      const given = typeof values === "function" ? values(dtype) : values;
      const input = new this.#litert.Tensor(given, shape);
      tensors.push(input);
      const outputs = Object.values(await network.run({ [name]: input }));
      tensors.push(...outputs);
      const arrays = [];
      for (const output of outputs) arrays.push((await output.data()).slice());
      return arrays.sort((one, other) => other.length - one.length);
    } finally {
      for (const tensor of tensors) tensor.delete();
    }
  }

  /** Fails when the GPU goes away, as phones do; a run would never end. */
  #gpuLost() {
    if (this.#lost) throw this.#lost;
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  /** One listener for all runs: each of a camera's would be kept otherwise. */
  #watchGpu(device) {
    this.#lost = null;
    device.lost.then(({ message }) => {
      this.#lost = new Error(message);
      this.#fail?.(this.#lost);
    });
  }

  async #start(onGpu) {
    try {
      await this.#compile(onGpu);
    } catch (error) {
      if (onGpu) {
        console.warn("WebGPU failed; WebAssembly takes over.", error);
        await this.#start(false);
      } else if (error instanceof Obstacle) {
        throw error;
      } else {
        // A script that does not load gives an event instead of an error.
        const reason =
          error instanceof Event
            ? LITERT_MISSING
            : `This browser cannot run the model: ${error?.message ?? error}`;
        throw new Obstacle(reason);
      }
    }
  }

  async #compile(onGpu) {
    const litert = this.#litert;
    litert.unloadLiteRt();
    this.#networks = {};
    // Operators that the GPU does not have run beside it only with JSPI.
    const jspi = onGpu && (await litert.supportsFeature("jspi"));
    // Threads are for the processor. They need an isolated page, and LiteRT.js
    // has them only together with relaxed SIMD, which Safari lacked for long.
    const threads =
      !onGpu &&
      self.crossOriginIsolated &&
      (await litert.supportsFeature("relaxedSimd"));
    await litert.loadLiteRt(WASM, { jspi, threads });
    this.#model = await litert.loadAndCompile(this.#bytes, {
      accelerator: onGpu ? "webgpu" : "wasm",
      // In half precision a normalization's epsilon would be lost.
      gpuOptions: { precision: "fp32" },
    });
    this.#onGpu = this.#model.options.accelerator === "webgpu";
    if (this.#onGpu) this.#watchGpu(litert.getWebGpuDevice());
    const details = this.#model.getInputDetails();
    const input = details.find(({ name }) => name === IMAGES) ?? details[0];
    const [batch, height, width, channels] = input.shape;
    const wanted = this.source.channels ?? (this.#isNumbers() ? 1 : 3);
    if (batch !== 1 || channels !== wanted || height !== width || height < 1) {
      throw new Obstacle(
        `${MODEL} takes [${input.shape.join(", ")}]; one square image of ` +
          `${wanted} channels and a fixed size is expected. Export it with ` +
          "an image size.",
      );
    }
    const known = [input.name, ...this.others.map((facts) => facts.input)];
    const strange = details.filter(({ name }) => !known.includes(name));
    if (strange.length || details.length !== known.length) {
      throw new Obstacle(
        `${SPEC} describes another model: one that takes ` +
          `${known.join(", ")}, while ${MODEL} takes ` +
          `${details.map(({ name }) => name).join(", ")}.`,
      );
    }
    if (this.spec.image_size && this.spec.image_size !== height) {
      throw new Obstacle(
        `${SPEC} describes another model: one for ${this.spec.image_size} ` +
          `pixels, while ${MODEL} takes ${height}.`,
      );
    }
    this.size = height;
    const count = litert.getGlobalLiteRt().liteRtWasm.getThreadCount();
    const threadCount = count > 1 ? `${count} threads` : "1 thread";
    this.device = this.#onGpu
      ? "its graphics processor (WebGPU)"
      : `its processor (WebAssembly, ${threadCount})`;
    if (this.#onGpu) {
      const off = difference(await this.#runProbe(), this.#expected);
      if (off > TOLERANCE) {
        throw new Error(`it is off by ${off.toFixed(1)} of 255 on average`);
      }
    }
  }

  /** Whether what is translated has no pixels, but the numbers of a map. */
  #isNumbers() {
    return this.source.control === "brush" && !this.source.channels;
  }

  #runProbe() {
    const values = {};
    for (const facts of this.others) values[facts.input] = probeOf(facts);
    const picture = this.#isNumbers() ? probeOf(this.source) : probe(this.size);
    return this.#run(picture, values);
  }

  async #run(picture, values) {
    const { Tensor } = this.#litert;
    const inputs = {};
    let outputs = {};
    try {
      for (const { name, dtype, shape } of this.#model.getInputDetails()) {
        const given = values[name] ?? picture;
        const isPicture = given instanceof ImageData;
        const channels = isPicture && shape.at(-1);
        const array = isPicture ? valuesOf(given, dtype, channels) : given;
        inputs[name] = new Tensor(array, shape);
      }
      outputs = await this.#model.run(inputs);
      const [output] = Object.values(outputs);
      return toPicture(await output.data(), output.type.layout.dimensions);
    } finally {
      for (const tensor of [inputs, outputs].flatMap(Object.values)) {
        tensor.delete();
      }
    }
  }
}

async function fetchSpec() {
  const response = await get(SPEC);
  try {
    const spec = await response.json();
    if (typeof spec.name !== "string") throw new TypeError("it has no name");
    return spec;
  } catch (error) {
    throw new Obstacle(`${SPEC} does not describe a model: ${error.message}`);
  }
}

async function fetchModel(name, report = () => {}) {
  const response = await get(name);
  // Of what is sent compressed the length is another.
  const isPlain = !response.headers.get("Content-Encoding");
  const whole = isPlain && Number(response.headers.get("Content-Length"));
  const parts = [];
  let [length, tenths] = [0, 0];
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
    // Few lines, for some people have them read out.
    if (whole && Math.floor((10 * length) / whole) > tenths) {
      tenths = Math.floor((10 * length) / whole);
      report(10 * tenths);
    }
  }
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (String.fromCharCode(...bytes.slice(4, 8)) !== MAGIC) {
    throw new Obstacle(`${name} is no .tflite file, or a damaged one.`);
  }
  return bytes;
}

async function get(name) {
  let response;
  try {
    response = await fetch(name);
  } catch {
    throw new Obstacle(
      `${name} cannot be loaded: does the server of this page still run?`,
    );
  }
  if (!response.ok) {
    throw new Obstacle(
      `The model is missing: there is no ${name} beside this page. ` +
        "`kgt web` serves both.",
    );
  }
  return response;
}

async function hasGpu() {
  try {
    return Boolean(await navigator.gpu?.requestAdapter());
  } catch {
    return false;
  }
}

/** A picture of waves and edges, the same one every time. */
function probe(size) {
  const picture = new ImageData(size, size);
  picture.data.forEach((_, index, data) => {
    const [pixel, channel] = [index >> 2, index & 3];
    const [x, y] = [(pixel % size) / size, Math.floor(pixel / size) / size];
    const wave = Math.sin((channel + 2) * 5 * x) * Math.cos(9 * y - channel);
    const edge = (x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1 ? 40 : 0;
    data[index] = channel === 3 ? 255 : 128 + 85 * wave + edge;
  });
  return picture;
}

/** Values of a field that are not all alike, the same ones every time. */
function probeOf({ kind, dtype, shape, classes }) {
  const count = shape.reduce((product, n) => product * n, 1);
  const most = classes ? classes.length : 3;
  const wave = (i) => Math.floor((i * 8) / count) % most;
  const least = dtype === "float32" ? 1 : 0; // of pixels, from -1 to 1
  const fill = (i) => (kind === "Mask" ? 255 * (wave(i) & 1) : wave(i) - least);
  const kinds = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };
  return kinds[dtype].from({ length: count }, (_, i) => fill(i));
}

/** The mean difference of two pictures' values. */
function difference({ data }, other) {
  let sum = 0;
  data.forEach((value, index) => {
    sum += Math.abs(value - other.data[index]);
  });
  return sum / ((data.length * 3) / 4); // without the opacities, all equal
}

/**
 * The RGB of an ImageData, or its gray for a model of one channel: 0..255, or
 * [-1, 1] for one of float32.
 */
export function valuesOf({ data }, dtype, channels = 3) {
  const count = (data.length / 4) * channels;
  const isFloat = dtype === "float32";
  const pixels = new (isFloat ? Float32Array : Uint8Array)(count);
  const put = (to, value) => {
    pixels[to] = isFloat ? value / 127.5 - 1 : value;
  };
  for (let from = 0, to = 0; to < count; from += 4, to += channels) {
    if (channels === 1) put(to, grayOf(data, from));
    else for (let i = 0; i < 3; i++) put(to + i, data[from + i]);
  }
  return pixels;
}

/** The gray that is as bright as a colour, in linear light (IEC 61966-2-1). */
function grayOf(data, from) {
  const [r, g, b] = [0, 1, 2].map((i) => data[from + i]);
  if (r === g && g === b) return r;
  const linear = (value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light =
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const coded =
    light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, coded)));
}

function toPicture(pixels, [, height, width]) {
  const isFloat = pixels instanceof Float32Array;
  const picture = new ImageData(width, height);
  const { data } = picture; // clamps, and rounds halves to the even number
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    for (let channel = 0; channel < 3; channel++) {
      const value = pixels[from + channel];
      if (isFloat && !Number.isFinite(value)) {
        throw new Obstacle("The model gave no numbers for this picture.");
      }
      data[to + channel] = isFloat ? value * 127.5 + 127.5 : value;
    }
    data[to + 3] = 255;
  }
  return picture;
}
