// A .tflite file that translates pictures, run by LiteRT.js on this device.

const SPEC = "translator.json";
const MODEL = "model.tflite";
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
 * `spec` holds the facts of translator.json, `size` the pixels of a side of
 * the square that goes in, `device` the words for what computes.
 */
export class Translator {
  #litert;
  #bytes;
  #model;
  #onGpu;
  #expected; // what the processor makes of the probe

  /** Opens what lies beside the page; `report` gets a line on every step. */
  static async open(report) {
    const translator = new Translator();
    translator.spec = await fetchSpec();
    report(`Loading ${translator.spec.name} …`);
    translator.#bytes = await fetchModel((percent) =>
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
      translator.#expected = await translator.#run(probe(translator.size));
      await translator.#start(true);
    }
    return translator;
  }

  /** Translates an ImageData of `size` by `size` pixels; returns another. */
  async translate(picture) {
    if (!this.#onGpu) return this.#run(picture);
    try {
      return await Promise.race([this.#run(picture), this.#gpuLost()]);
    } catch (error) {
      console.warn("WebGPU failed; WebAssembly takes over.", error);
      await this.#start(false);
      return this.#run(picture);
    }
  }

  /** Fails when the GPU goes away, as phones do; a run would never end. */
  async #gpuLost() {
    const { message } = await this.#litert.getWebGpuDevice().lost;
    throw new Error(message);
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
    const [input] = this.#model.getInputDetails();
    const [batch, height, width, channels] = input.shape;
    if (batch !== 1 || channels !== 3 || height !== width || height < 1) {
      throw new Obstacle(
        `${MODEL} takes [${input.shape.join(", ")}]; one square RGB image of ` +
          "a fixed size is expected. Export it with an image size.",
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
      const off = difference(await this.#run(probe(height)), this.#expected);
      if (off > TOLERANCE) {
        throw new Error(`it is off by ${off.toFixed(1)} of 255 on average`);
      }
    }
  }

  async #run(picture) {
    const [{ dtype, shape }] = this.#model.getInputDetails();
    const input = new this.#litert.Tensor(toPixels(picture, dtype), shape);
    const outputs = [];
    try {
      outputs.push(...(await this.#model.run(input)));
      const values = await outputs[0].data();
      return toPicture(values, outputs[0].type.layout.dimensions);
    } finally {
      for (const tensor of [input, ...outputs]) tensor.delete();
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

async function fetchModel(report) {
  const response = await get(MODEL);
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
    throw new Obstacle(`${MODEL} is no .tflite file, or a damaged one.`);
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

/** The mean difference of two pictures' values. */
function difference({ data }, other) {
  let sum = 0;
  data.forEach((value, index) => {
    sum += Math.abs(value - other.data[index]);
  });
  return sum / ((data.length * 3) / 4); // without the opacities, all equal
}

/** The RGB of a picture: 0..255, or [-1, 1] for a model of float32. */
function toPixels({ data }, dtype) {
  const count = (data.length / 4) * 3;
  const isFloat = dtype === "float32";
  const pixels = new (isFloat ? Float32Array : Uint8Array)(count);
  for (let from = 0, to = 0; to < count; from += 4, to += 3) {
    for (let channel = 0; channel < 3; channel++) {
      const value = data[from + channel];
      pixels[to + channel] = isFloat ? value / 127.5 - 1 : value;
    }
  }
  return pixels;
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
