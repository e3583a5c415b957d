/** Reads a code that the camera sees: by the browser where it can, else by a reader that is loaded for it. */

/** The code in the picture, or null. */
export type Reader = (video: HTMLVideoElement) => Promise<string | null>;

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** What a lot is printed as; a browser that cannot read all of them is not asked. */
const NEEDED = ["code_128", "data_matrix", "qr_code"];

async function ofBrowser(): Promise<Reader | null> {
  const { BarcodeDetector } = window as { BarcodeDetector?: DetectorClass };
  const known = (await BarcodeDetector?.getSupportedFormats()) ?? [];
  if (!BarcodeDetector || !NEEDED.every((format) => known.includes(format))) return null;
  const detector = new BarcodeDetector();
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
}

async function ofLibrary(): Promise<Reader> {
  const [{ prepareZXingModule, readBarcodes }, { default: address }] = await Promise.all([
    import("zxing-wasm/reader"),
    import("zxing-wasm/reader/zxing_reader.wasm?url"),
  ]);
  await prepareZXingModule({ overrides: { locateFile: () => address }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    if (!context || canvas.width === 0) return null;
    context.drawImage(video, 0, 0);
    const found = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { maxNumberOfSymbols: 1 });
    return found.find((code) => code.isValid)?.text || null;
  };
}

export const reader = async (): Promise<Reader> => (await ofBrowser()) ?? ofLibrary();
