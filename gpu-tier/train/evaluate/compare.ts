import { type Answers, probabilityOf, topAnswer } from './answers.ts';

/** An image on which float32 and int8 disagree. */
export interface Difference {
  /** Index of the image. */
  readonly image: number;
  readonly label: number;
  readonly float: { readonly answer: number; readonly confidence: number };
  readonly int8: { readonly answer: number; readonly confidence: number };
}

export interface Agreement {
  /** Share of images with the same answer, 0 to 1. */
  readonly agreement: number;
  /** Number of images for which only one of the two is correct. */
  readonly onlyFloatRight: number;
  readonly onlyInt8Right: number;
  /** Images with different answers; the most confident float32 answers first. */
  readonly differences: readonly Difference[];
}

/** Compares the answers of two precisions on the same images. */
export function compareAnswers(float: Answers, int8: Answers): Agreement {
  const differences: Difference[] = [];
  let [onlyFloatRight, onlyInt8Right] = [0, 0];
  for (const [image, label] of float.labels.entries()) {
    const [a, b] = [topAnswer(float, image), topAnswer(int8, image)];
    if (a === b) continue;
    if (a === label) onlyFloatRight++;
    if (b === label) onlyInt8Right++;
    differences.push({
      image,
      label,
      float: { answer: a, confidence: probabilityOf(float, image, a) },
      int8: { answer: b, confidence: probabilityOf(int8, image, b) },
    });
  }
  const images = float.labels.length;
  differences.sort((x, y) => y.float.confidence - x.float.confidence || x.image - y.image);
  const agreement = images > 0 ? 1 - differences.length / images : 1;
  return { agreement, onlyFloatRight, onlyInt8Right, differences };
}
