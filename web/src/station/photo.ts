/** A photo made small on the device: at most 1 MiB, whatever the camera gives. */
export const MAX_PHOTO_BYTES = 1024 * 1024;

/** The sizes that are tried, longest side in pixels and JPEG quality, until one fits. */
export const ATTEMPTS: readonly (readonly [number, number])[] = [
  [1920, 0.85],
  [1920, 0.7],
  [1600, 0.7],
  [1280, 0.65],
  [1024, 0.6],
  [800, 0.5],
];

export function scaled(width: number, height: number, longest: number): readonly [number, number] {
  const factor = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
}

async function draw(image: ImageBitmap, longest: number, quality: number): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = scaled(image.width, image.height, longest);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** The photo as JPEG within the limit. Throws when the file is no picture. */
export async function reduce(file: Blob): Promise<Blob> {
  const image = await createImageBitmap(file);
  try {
    for (const [longest, quality] of ATTEMPTS) {
      const blob = await draw(image, longest, quality);
      if (blob && blob.size <= MAX_PHOTO_BYTES) return blob;
    }
  } finally {
    image.close();
  }
  throw new Error("the photo does not become small enough");
}
