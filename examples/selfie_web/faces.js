// Faces in photos: where they are, how large, and how they are turned.
//
// MediaPipe's networks find them, which LiteRT.js runs on this device, in the
// way of keras_gan_translate/data/faces/finding.py: BlazeFace finds boxes, and
// a mesh says where eyes and mouth are and whether it is a face.

import { cut, paste } from "./aligning.js";
import { pixelsOf, showPixels } from "./picture.js";

const [BOX_SIZE, MESH_SIZE] = [256, 192]; // pixels that the networks take
// The layers that look for faces: [pixels between places, faces at each].
const LAYERS = [
  [16, 2],
  [32, 6],
];
// Points of the mesh: the corners of each eye, and those of the mouth.
const [LEFT_EYE, RIGHT_EYE, MOUTH] = [
  [33, 133],
  [362, 263],
  [61, 291],
];
const LEAST_SCORE = 0.5; // of the boxes
const LEAST_ODDS = 9; // the logarithm of the mesh's odds
const SAME_FACE = 0.3; // boxes that share more of their area are one face
const LEAST_SHARE = 1 / 12; // of a picture's side: the boxes' smallest face
const LARGE_SHARE = 0.05; // one that fills more is looked for turned, too
const OVERLAP = 0.3; // of windows side by side
const AROUND = 1.5; // around a box, for the mesh
const TURNS = 8; // in which it is laid over a face
const FEW_TURNS = [0, -Math.PI / 4, Math.PI / 4]; // of who holds a camera
// Faces that fill less of a photo than this are passed over: a selfie's do not.
const SMALLEST_SHARE = 1 / 24;
const SMALLEST = 48; // pixels
// How much of a face's new place is taken when it is where it was, and how far
// it has moved when all of it is, as a share of its square.
const [STEADY, MOVED] = [0.3, 0.04];

/** A face in a photo: places in pixels from its top left corner. */
class Face {
  constructor(eyes, mouth, box) {
    [this.eyes, this.mouth, this.box] = [eyes, mouth, box];
    const [left, right] = eyes;
    const between = [right[0] - left[0], right[1] - left[1]];
    const brow = mean(eyes);
    const down = [mouth[0] - brow[0], mouth[1] - brow[1]];
    // The square, as FFHQ's faces are cut out: see `align_face`.
    this.angle = Math.atan2(between[1], between[0]);
    this.side = Math.max(
      4 * Math.hypot(...between),
      3.6 * Math.hypot(...down),
    );
    this.middle = brow.map((place, axis) => place + 0.1 * down[axis]);
  }

  /** This face, nearer to where the last one was, unless it has moved. */
  steadied(last) {
    const [points, before] = [this, last].map(({ eyes, mouth, box }) => [
      ...eyes,
      mouth,
      box.slice(0, 2),
      box.slice(2),
    ]);
    const ways = points.map(([x, y], i) =>
      Math.hypot(x - before[i][0], y - before[i][1]),
    );
    const moved = Math.max(...ways.slice(0, 3)) / (MOVED * last.side);
    const part = Math.min(1, STEADY + (1 - STEADY) * moved);
    const [left, right, mouth, first, end] = points.map((point, i) =>
      point.map((place, axis) => {
        const was = before[i][axis];
        return was + part * (place - was);
      }),
    );
    return new Face([left, right], mouth, [...first, ...end]);
  }
}

/** Finds faces with the networks that `translator.spec.faces` names. */
export class FaceFinder {
  #translator;
  #canvas = document.createElement("canvas");

  constructor(translator) {
    this.#translator = translator;
  }

  /** The faces in a `Photo`, the largest first. */
  async find(photo) {
    const longest = Math.max(photo.width, photo.height);
    const smallest = Math.max(SMALLEST, SMALLEST_SHARE * longest);
    let faces = await this.#found(photo, smallest, 0);
    // Of those that lie on their side the boxes' network misses some.
    const large = Math.max(smallest, LARGE_SHARE * longest);
    for (const turn of [Math.PI / 2, -Math.PI / 2, Math.PI]) {
      if (!faces.length) faces = await this.#found(photo, large, turn);
    }
    return faces.sort((one, other) => other.side - one.side);
  }

  /**
   * The one face in a camera's picture, a `Photo`, or null: where the last one
   * was, else the surest one.
   */
  async follow(photo, last) {
    if (last) {
      const [middle, size] = middleOf(last.box);
      const square = { middle, side: AROUND * size, angle: last.angle };
      const { face, odds } = await this.#mesh(photo, square);
      if (odds >= LEAST_ODDS) return face;
    }
    const window = wholeOf(photo);
    const boxes = await this.#boxes(photo, { ...window, angle: 0 });
    if (!boxes.length) return null;
    const surest = boxes.reduce((a, b) => (a.score >= b.score ? a : b));
    return this.#lookedAt(photo, surest.box, FEW_TURNS);
  }

  async #found(photo, smallest, turn) {
    const boxes = [];
    for (const window of windowsOf(photo, smallest)) {
      boxes.push(...(await this.#boxes(photo, { ...window, angle: turn })));
    }
    const faces = [];
    for (const { box, score } of best(boxes)) {
      const turns = Array.from(
        { length: TURNS },
        (_, i) => (i * 2 * Math.PI) / TURNS,
      );
      const face = await this.#lookedAt(photo, box, turns);
      if (face) faces.push({ face, box: face.box, score });
    }
    return best(faces).map(({ face }) => face);
  }

  /** The face in a box, or null if the mesh sees none. */
  async #lookedAt(photo, box, turns) {
    let [middle, size] = middleOf(box);
    const side = AROUND * size;
    let surest;
    for (let tries = 0; tries < 2; tries++) {
      surest = null;
      for (const angle of turns) {
        const mesh = await this.#mesh(photo, { middle, side, angle });
        if (!surest || mesh.odds > surest.odds) surest = mesh;
      }
      // Where the mesh lies is known better than where the box was.
      [middle] = middleOf(surest.face.box);
      if (surest.odds >= LEAST_ODDS) break;
    }
    const { face, odds } = await this.#mesh(photo, {
      middle,
      side: AROUND * surest.size,
      angle: surest.face.angle,
    });
    return odds >= LEAST_ODDS ? face : null;
  }

  /** Boxes with their scores in a square of a photo, in its pixels. */
  async #boxes(photo, square) {
    const [boxes] = this.#translator.spec.faces;
    const picture = cut(photo, square, BOX_SIZE, this.#canvas);
    const values = floatsOf(picture, (level) => level / 127.5 - 1);
    const [places, odds] = await this.#translator.run(boxes, values);
    const found = [];
    for (let i = 0, layer = 0; layer < LAYERS.length; layer++) {
      const [stride, count] = LAYERS[layer];
      for (let y = stride / 2; y < BOX_SIZE; y += stride) {
        for (let x = stride / 2; x < BOX_SIZE; x += stride) {
          for (let n = 0; n < count; n++, i++) {
            const score = 1 / (1 + Math.exp(-odds[i]));
            if (score < LEAST_SCORE) continue;
            const [right, down, wide, high] = places.slice(16 * i, 16 * i + 4);
            const corners = [-0.5, 0.5].map((part) =>
              placeIn(square, [
                (x + right + part * wide) / BOX_SIZE,
                (y + down + part * high) / BOX_SIZE,
              ]),
            );
            found.push({ box: boxOf(corners), score });
          }
        }
      }
    }
    return found;
  }

  /** The face in a square of a photo, its log odds and its size. */
  async #mesh(photo, square) {
    const [, mesh] = this.#translator.spec.faces;
    const picture = cut(photo, square, MESH_SIZE, this.#canvas);
    const values = floatsOf(picture, (level) => level / 255);
    const [places, [odds]] = await this.#translator.run(mesh, values);
    const points = [];
    for (let i = 0; i < places.length; i += 3) {
      points.push([places[i] / MESH_SIZE, places[i + 1] / MESH_SIZE]);
    }
    const [left, top, right, bottom] = boxOf(points);
    const size = square.side * Math.max(right - left, bottom - top);
    const there = points.map((point) => placeIn(square, point));
    const at = (numbers) => mean(numbers.map((number) => there[number]));
    const eyes = [LEFT_EYE, RIGHT_EYE].map(at);
    const face = new Face(eyes, at(MOUTH), boxOf(there));
    return { face, odds, size };
  }
}

/**
 * Translates faces of a photo where they are: `canvas`, which shows the photo,
 * gets what `translate` makes of canvases of `size` pixels a side, ImageData.
 */
export async function translateFaces(photo, faces, size, translate, canvas) {
  // The photo's own pixels are translated, not those of a neighbour's face; the
  // largest, which stands in front, is put back last.
  const made = [];
  for (const face of faces) {
    const crop = document.createElement("canvas");
    showPixels(crop, await translate(cut(photo, face, size, crop)));
    made.push([face, crop]);
  }
  made.sort(([one], [other]) => one.side - other.side);
  for (const [face, crop] of made) paste(canvas, face, crop);
}

/** The square that holds a whole photo. */
function wholeOf({ width, height }) {
  return { middle: [width / 2, height / 2], side: Math.max(width, height) };
}

/** Squares that together show faces of all sizes. */
function* windowsOf(photo, smallest) {
  let { middle, side } = wholeOf(photo);
  yield { middle, side };
  while (side * LEAST_SHARE > smallest) {
    side /= 2;
    for (const y of stepsOf(photo.height, side)) {
      for (const x of stepsOf(photo.width, side)) {
        yield { middle: [x, y], side };
      }
    }
  }
}

/** Middles of windows that overlap along a side of a photo. */
function stepsOf(length, side) {
  if (length <= side) return [length / 2];
  const count = Math.ceil((length - side) / (side * (1 - OVERLAP))) + 1;
  return Array.from(
    { length: count },
    (_, i) => side / 2 + (i * (length - side)) / (count - 1),
  );
}

/** Those with a box and a score of which none better covers the same. */
function best(found) {
  const kept = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    const isNew = kept.every(({ box }) => {
      const wide = Math.min(box[2], one.box[2]) - Math.max(box[0], one.box[0]);
      const high = Math.min(box[3], one.box[3]) - Math.max(box[1], one.box[1]);
      const shared = Math.max(0, wide) * Math.max(0, high);
      return shared <= SAME_FACE * (areaOf(box) + areaOf(one.box) - shared);
    });
    if (isNew) kept.push(one);
  }
  return kept;
}

function areaOf([left, top, right, bottom]) {
  return (right - left) * (bottom - top);
}

/** [its middle, the longer of its sides]. */
function middleOf([left, top, right, bottom]) {
  const middle = [(left + right) / 2, (top + bottom) / 2];
  return [middle, Math.max(right - left, bottom - top)];
}

function boxOf(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return [Math.min, Math.max].flatMap((end) => [end(...xs), end(...ys)]);
}

function mean(points) {
  return [0, 1].map((axis) => {
    const sum = points.reduce((all, point) => all + point[axis], 0);
    return sum / points.length;
  });
}

/** Where a place in a turned square, from 0 to 1, is in the photo. */
function placeIn({ middle, side, angle }, point) {
  const [x, y] = point.map((place) => (place - 0.5) * side);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [middle[0] + cos * x - sin * y, middle[1] + sin * x + cos * y];
}

function floatsOf(canvas, change) {
  const { data } = pixelsOf(canvas);
  const values = new Float32Array((data.length / 4) * 3);
  for (let from = 0, to = 0; to < values.length; from += 4, to += 3) {
    for (let i = 0; i < 3; i++) values[to + i] = change(data[from + i]);
  }
  return values;
}
