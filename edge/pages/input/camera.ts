/**
 * Takes a photo in a dialog with the camera's picture and a button. Without a camera it offers the file
 * dialog, which on a phone opens the camera app.
 * @module
 */
import { byId } from '../dom.ts';
import type { Taken } from './pick.ts';

const JPEG_QUALITY = 0.92;

export function useCamera(taken: Taken): void {
  const dialog = byId<HTMLDialogElement>('camera');
  const video = byId<HTMLVideoElement>('viewfinder');
  const shoot = byId<HTMLButtonElement>('shoot');
  const capture = byId<HTMLInputElement>('capture');
  const note = byId<HTMLParagraphElement>('no-camera');
  let stream: MediaStream | undefined;

  const show = (problem: string | undefined) => {
    for (const element of [video, shoot]) element.hidden = problem !== undefined;
    for (const element of [note, byId<HTMLLabelElement>('capture-label')])
      element.hidden = problem === undefined;
    note.textContent = problem ?? '';
    // A field that is not visible must not be reachable by keyboard.
    capture.hidden = problem === undefined;
  };
  const open = async () => {
    show(undefined);
    shoot.disabled = true;
    dialog.showModal();
    try {
      const opened = await openCamera();
      if (!dialog.open) return stop(opened); // the dialog was closed meanwhile
      stream = opened;
      video.srcObject = stream;
      await video.play();
      shoot.disabled = false;
      shoot.focus();
    } catch (error) {
      // The HTML holds a text for each name of DOMException.
      const told = error instanceof DOMException && note.dataset[error.name.toLowerCase()];
      if (dialog.open) show(told || `The camera did not start (${error}).`);
    }
  };
  dialog.addEventListener('close', () => {
    if (stream) stop(stream);
    stream = undefined;
    video.srcObject = null;
  });
  byId<HTMLButtonElement>('photograph').addEventListener('click', () => void open());
  byId<HTMLButtonElement>('camera-close').addEventListener('click', () => dialog.close());
  shoot.addEventListener('click', () => {
    void frameOf(video).then((photo) => {
      dialog.close();
      taken([photo]);
    });
  });
  capture.addEventListener('change', () => {
    const files = [...(capture.files ?? [])];
    capture.value = '';
    dialog.close();
    if (files.length > 0) taken(files);
  });
}

async function openCamera(): Promise<MediaStream> {
  // Browsers leave it out of pages over http, except from localhost.
  if (!navigator.mediaDevices) throw new DOMException('', 'SecurityError');
  const video = { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 960 } };
  return await navigator.mediaDevices.getUserMedia({ video });
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** The current frame, as a JPEG. */
async function frameOf(video: HTMLVideoElement): Promise<File> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')!.drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY });
  return new File([blob], 'photo.jpg', { type: blob.type });
}
