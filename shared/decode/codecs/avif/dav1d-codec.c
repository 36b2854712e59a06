/*
 * libavif's codec for dav1d, in place of libavif's src/codec_dav1d.c: the decoder lives for one
 * frame and is closed before the next one (alpha, the next tile of a grid), so that their working
 * memory is never held at the same time. The picture outlives it.
 */
#include <stdlib.h>
#include <string.h>

#include "avif/internal.h"
#include "dav1d/dav1d.h"
#include "arena.h"

struct avifCodecInternal {
    Dav1dPicture picture;
    uint8_t *copy; /* of the picture's planes, where they have film grain */
};

static void not_owned(const uint8_t *data, void *cookie) { (void)data, (void)cookie; }

/* The last picture of the sample, or the one of the layer that is asked for. */
static int decode_sample(Dav1dContext *context, const avifDecodeSample *sample,
                         Dav1dPicture *picture) {
    Dav1dData data;
    if (dav1d_data_wrap(&data, sample->data.data, sample->data.size, not_owned, NULL)) return 0;
    int found = 0;
    while (!found) {
        if (data.data) {
            const int sent = dav1d_send_data(context, &data);
            if (sent < 0 && sent != DAV1D_ERR(EAGAIN)) break;
        }
        Dav1dPicture next = {0};
        const int got = dav1d_get_picture(context, &next);
        if (got == DAV1D_ERR(EAGAIN) && data.data) continue;
        if (got < 0) break;
        if (sample->spatialID == AVIF_SPATIAL_ID_UNSET ||
            sample->spatialID == next.frame_hdr->spatial_id) {
            *picture = next;
            found = 1;
        } else {
            dav1d_picture_unref(&next);
        }
    }
    dav1d_data_unref(&data);
    return found;
}

static void give_colour(const Dav1dPicture *picture, avifImage *image) {
    static const avifPixelFormat formats[] = {
        [DAV1D_PIXEL_LAYOUT_I400] = AVIF_PIXEL_FORMAT_YUV400,
        [DAV1D_PIXEL_LAYOUT_I420] = AVIF_PIXEL_FORMAT_YUV420,
        [DAV1D_PIXEL_LAYOUT_I422] = AVIF_PIXEL_FORMAT_YUV422,
        [DAV1D_PIXEL_LAYOUT_I444] = AVIF_PIXEL_FORMAT_YUV444,
    };
    const Dav1dSequenceHeader *const header = picture->seq_hdr;
    image->yuvFormat = formats[picture->p.layout];
    image->yuvRange = header->color_range ? AVIF_RANGE_FULL : AVIF_RANGE_LIMITED;
    image->yuvChromaSamplePosition = (avifChromaSamplePosition)header->chr;
    image->colorPrimaries = (avifColorPrimaries)header->pri;
    image->transferCharacteristics = (avifTransferCharacteristics)header->trc;
    image->matrixCoefficients = (avifMatrixCoefficients)header->mtrx;
    avifImageFreePlanes(image, AVIF_PLANES_YUV);
    const int planes = image->yuvFormat == AVIF_PIXEL_FORMAT_YUV400 ? 1 : 3;
    for (int plane = 0; plane < planes; plane++) {
        image->yuvPlanes[plane] = picture->data[plane];
        image->yuvRowBytes[plane] = (uint32_t)picture->stride[plane > 0];
    }
    image->imageOwnsYUVPlanes = AVIF_FALSE;
}

/* Rows of a plane, padding excluded. */
static size_t plane_bytes(const Dav1dPicture *picture, int plane) {
    const int half = plane && picture->p.layout == DAV1D_PIXEL_LAYOUT_I420;
    return (size_t)picture->stride[plane > 0] * ((picture->p.h + half) >> half);
}

/*
 * A picture with film grain is made last, above all that was needed for the one without. A copy
 * lies where that was, so that the memory above is free again.
 */
static void move_down(struct avifCodecInternal *internal, avifImage *image) {
    Dav1dPicture *const picture = &internal->picture;
    const Dav1dFilmGrainData *const grain = &picture->frame_hdr->film_grain.data;
    if (!grain->num_y_points && !grain->num_uv_points[0] && !grain->num_uv_points[1]) return;
    uint8_t **const planes[] = {
        image->alphaPlane ? &image->alphaPlane : &image->yuvPlanes[0],
        &image->yuvPlanes[1],
        &image->yuvPlanes[2],
    };
    size_t all = 0;
    for (int i = 0; i < 3; i++) if (*planes[i]) all += plane_bytes(picture, i);
    uint8_t *to = internal->copy = malloc(all);
    for (int i = 0; i < 3; i++) {
        if (!*planes[i]) continue;
        *planes[i] = memcpy(to, picture->data[i], plane_bytes(picture, i));
        to += plane_bytes(picture, i);
    }
    dav1d_picture_unref(picture);
}

static void drop(struct avifCodecInternal *internal) {
    if (internal->picture.data[0]) dav1d_picture_unref(&internal->picture);
    free(internal->copy);
    internal->copy = NULL;
}

static avifBool next_image(struct avifCodec *codec, const avifDecodeSample *sample, avifBool alpha,
                           avifBool *limited_alpha, avifImage *image) {
    Dav1dPicture *const picture = &codec->internal->picture;
    drop(codec->internal);

    Dav1dSettings settings;
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.operating_point = codec->operatingPoint;
    settings.all_layers = codec->allLayers;
    settings.frame_size_limit = codec->imageSizeLimit;
    Dav1dContext *context = NULL;
    if (dav1d_open(&context, &settings)) return AVIF_FALSE;
    const int found = decode_sample(context, sample, picture);
    dav1d_close(&context);
    if (!found) return AVIF_FALSE;

    image->width = picture->p.w;
    image->height = picture->p.h;
    image->depth = picture->p.bpc;
    if (!alpha) {
        give_colour(picture, image);
    } else {
        avifImageFreePlanes(image, AVIF_PLANES_A);
        image->alphaPlane = picture->data[0];
        image->alphaRowBytes = (uint32_t)picture->stride[0];
        image->imageOwnsAlphaPlane = AVIF_FALSE;
        *limited_alpha = !picture->seq_hdr->color_range;
    }
    move_down(codec->internal, image);
    return AVIF_TRUE;
}

static void destroy(avifCodec *codec) {
    drop(codec->internal);
    avifFree(codec->internal);
}

const char *avifCodecVersionDav1d(void) { return dav1d_version(); }

avifCodec *avifCodecCreateDav1d(void) {
    avifCodec *const codec = calloc(1, sizeof(avifCodec));
    codec->internal = calloc(1, sizeof(struct avifCodecInternal));
    codec->getNextImage = next_image;
    codec->destroyInternal = destroy;
    return codec;
}

/* In place of libavif's src/diag.c: the first message as it is written, without its numbers. */
void avifDiagnosticsClearError(avifDiagnostics *diag) { *diag->error = 0; }

void avifDiagnosticsPrintf(avifDiagnostics *diag, const char *format, ...) {
    if (!diag || *diag->error) return;
    strncpy(diag->error, format, AVIF_DIAGNOSTICS_ERROR_BUFFER_SIZE - 1);
    diag->error[AVIF_DIAGNOSTICS_ERROR_BUFFER_SIZE - 1] = 0;
}
