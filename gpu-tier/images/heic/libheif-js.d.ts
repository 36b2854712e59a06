/** The C functions of libheif that are used here (libheif 1.23, heif.h), as Emscripten exports them. */
declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  /** An address in the library's memory. */
  type Pointer = number;

  /** Functions that return a `heif_error` write it to the address in their first argument. */
  export interface Libheif {
    /** A new view whenever the memory grows. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    _malloc(bytes: number): Pointer;
    _heif_context_alloc(): Pointer;
    _heif_context_set_maximum_image_size_limit(context: Pointer, side: number): void;
    _heif_context_read_from_memory(
      error: Pointer,
      context: Pointer,
      file: Pointer,
      bytes: number,
      options: 0,
    ): void;
    _heif_context_get_primary_image_handle(error: Pointer, context: Pointer, out: Pointer): void;
    _heif_image_handle_get_width(handle: Pointer): number;
    _heif_image_handle_get_height(handle: Pointer): number;
    _heif_image_handle_get_luma_bits_per_pixel(handle: Pointer): number;
    _heif_image_handle_has_alpha_channel(handle: Pointer): number;
    _heif_image_handle_is_premultiplied_alpha(handle: Pointer): number;
    _heif_image_handle_get_color_profile_type(handle: Pointer): number;
    _heif_image_handle_get_raw_color_profile_size(handle: Pointer): number;
    _heif_image_handle_get_raw_color_profile(error: Pointer, handle: Pointer, out: Pointer): void;
    _heif_image_handle_get_nclx_color_profile(error: Pointer, handle: Pointer, out: Pointer): void;
    _heif_decoding_options_alloc(): Pointer;
    _heif_decode_image(
      error: Pointer,
      handle: Pointer,
      out: Pointer,
      colorspace: number,
      chroma: number,
      options: Pointer,
    ): void;
    _heif_image_get_width(image: Pointer, channel: number): number;
    _heif_image_get_height(image: Pointer, channel: number): number;
    _heif_image_get_plane_readonly(image: Pointer, channel: number, stride: Pointer): Pointer;
  }

  /** A new instance, with a memory of its own; WebAssembly is compiled on the spot. */
  export default function libheif(options: {
    print(text: string): void;
    printErr(text: string): void;
  }): Libheif;
}
