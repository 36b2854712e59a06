#!/usr/bin/env bash
# Rebuilds wasm/*.wasm from the libraries' sources: `shared/decode/codecs/build.sh [codec …]`.
#
# Needs bash, python3 with venv, cargo, and network access to their registries; nothing of it is needed
# to run or test Hebb, since the outputs are committed. README.md says how it works.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=${CODECS_WORK:-$here/../../../.cache/codecs}
zig_version=0.17.1
mkdir -p "$work" "$here/wasm"
work=$(cd "$work" && pwd)

# ---- tools and sources ----

# clang, lld and wasi-libc in one Python package.
toolchain() {
  [ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "ziglang==$zig_version"
}

# The crates of sources.json, which hold the C sources that they bind. Cargo checks their hashes.
sources() {
  rm -rf "$work/crates"
  mkdir -p "$work/crates/src"
  touch "$work/crates/src/lib.rs"
  python3 - "$here/sources.json" > "$work/crates/Cargo.toml" <<'PY'
import json, sys
print('[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]')
crates = {(s['crate'], s['crateVersion']) for s in json.load(open(sys.argv[1])).values()}
for crate, version in sorted(crates):
    print(f'{crate} = "={version}"')
PY
  (cd "$work/crates" && cargo vendor --quiet vendor > /dev/null)
  python3 - "$here/sources.json" "$work/crates/vendor" <<'PY'
import json, sys
for name, source in json.load(open(sys.argv[1])).items():
    checksum = json.load(open(f"{sys.argv[2]}/{source['crate']}/.cargo-checksum.json"))['package']
    if checksum != source['crateSha256']:
        sys.exit(f"{source['crate']} is not what sources.json names: {checksum}")
PY
}

# ---- compiling ----

# lld puts the stack first: what overflows it traps instead of writing over data. 64 KiB are enough:
# what is large, these libraries allocate.
link_flags=(
  -mexec-model=reactor -Wl,--import-memory -Wl,-z,stack-size=65536
  -Wl,--gc-sections -Wl,--strip-all
)
compile_flags=(
  -target wasm32-wasi -O3 -DNDEBUG -fno-sanitize=all -ffunction-sections -fdata-sections
  -mbulk-memory -Wno-everything
)

# compile NAME [flags and sources …]: wasm/NAME.wasm
compile() {
  local name=$1
  shift
  "$work/venv/bin/python" -m ziglang cc "${compile_flags[@]}" "${link_flags[@]}" -I "$here" \
    "$@" "$here/arena.c" -o "$here/wasm/$name.wasm"
  echo "$name: $(wc -c < "$here/wasm/$name.wasm") bytes"
}

# ---- the codecs ----

# libjpeg-turbo with what cmake would have configured, and without what is never asked for.
libjpeg() {
  local to=$work/libjpeg
  rm -rf "$to"
  cp -r "$work/crates/vendor/turbojpeg-sys/libjpeg-turbo/src" "$to"
  cat > "$to/jconfig.h" <<'C'
#define JPEG_LIB_VERSION 62
#define LIBJPEG_TURBO_VERSION 3.1.0
#define LIBJPEG_TURBO_VERSION_NUMBER 3001000
#define D_ARITH_CODING_SUPPORTED 1
#define BITS_IN_JSAMPLE 8
C
  cat > "$to/jconfigint.h" <<'C'
#define BUILD "hebb"
#define HIDDEN
#define INLINE inline
#define THREAD_LOCAL
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "3.1.0"
#define SIZEOF_SIZE_T 4
#define HAVE_BUILTIN_CTZL
#define FALLTHROUGH __attribute__((fallthrough));
#ifndef BITS_IN_JSAMPLE
#define BITS_IN_JSAMPLE 8
#endif
#define D_ARITH_CODING_SUPPORTED 1
C
  sed -e 's/@COPYRIGHT_YEAR@/2024/' "$to/jversion.h.in" > "$to/jversion.h"
  local off='DCT_IFAST|DCT_FLOAT|C_MULTISCAN_FILES|C_PROGRESSIVE|C_LOSSLESS|INPUT_SMOOTHING'
  off="$off|D_LOSSLESS|UPSAMPLE_MERGING|QUANT_1PASS|QUANT_2PASS|SAVE_MARKERS|BLOCK_SMOOTHING"
  sed -E -i "s/^#define (($off)_SUPPORTED)/#undef \1/" "$to/jmorecfg.h"
}

with_prefix() { # folder, files: their paths
  local folder=$1
  shift
  for file in "$@"; do echo "$folder/$file"; done
}

build_jpeg() {
  libjpeg
  compile jpeg -I "$work/libjpeg" -DNO_GETENV "$here/jpeg.c" $(with_prefix "$work/libjpeg" \
    jaricom.c jcomapi.c jdapimin.c jdapistd.c jdarith.c jdcoefct.c jdcolor.c jddctmgr.c jdhuff.c \
    jdinput.c jdmainct.c jdmarker.c jdmaster.c jdphuff.c jdpostct.c jdsample.c jidctint.c jidctred.c \
    jmemmgr.c jmemnobs.c jutils.c)
}

build_jpeg_encoder() {
  libjpeg
  compile jpeg-encoder -I "$work/libjpeg" -DNO_GETENV -DUSE_CLZ_INTRINSIC "$here/jpeg-encoder.c" \
    $(with_prefix "$work/libjpeg" jcapimin.c jcapistd.c jccoefct.c jccolor.c jcdctmgr.c jchuff.c \
      jcinit.c jcmainct.c jcmarker.c jcmaster.c jcomapi.c jcparam.c jcprepct.c jcsample.c jfdctint.c \
      jmemmgr.c jmemnobs.c jpeg_nbits.c jutils.c)
}

# The patch: VP8L keeps the pixels that it may copy from, 6.3 MB at most, instead of the picture; the
# plane of alpha is allocated once.
build_webp() {
  local from=$work/libwebp
  rm -rf "$from"
  cp -r "$work/crates/vendor/libwebp-sys/vendor" "$from"
  patch --quiet --directory "$from" --strip 1 < "$here/libwebp-memory.patch"
  local dsp=$from/src/dsp
  # vp8l_dec.c is part of webp.c.
  # SIMD, as clang finds it, saves a tenth; JPEG gains nothing by it.
  compile webp -msimd128 -I "$from" -DWEBP_REDUCE_SIZE "$here/webp.c" \
    $(with_prefix "$from/src/dec" alpha_dec.c buffer_dec.c frame_dec.c io_dec.c quant_dec.c \
      tree_dec.c vp8_dec.c webp_dec.c) \
    $(with_prefix "$dsp" alpha_processing.c cpu.c dec.c dec_clip_tables.c filters.c lossless.c \
      rescaler.c upsampling.c yuv.c) \
    $(with_prefix "$from/src/utils" bit_reader_utils.c color_cache_utils.c filters_utils.c \
      huffman_utils.c palette.c quant_levels_dec_utils.c random_utils.c rescaler_utils.c \
      thread_utils.c utils.c)
}

build_inflate() {
  local from=$work/crates/vendor/libz-sys/src/zlib
  compile inflate -I "$from" -DZ_SOLO -DNO_GZIP_FILES "$here/inflate.c" \
    $(with_prefix "$from" adler32.c crc32.c inffast.c inflate.c inftrees.c zutil.c)
}

# libavif and dav1d, from Debian's source packages: the crates have them too old.
build_avif() {
  CODECS_WORK=$work "$here/avif/build.sh"
}

# ---- hashes ----

# wasm/checksums.json: of each output, and of what is written here that it is made of.
checksums() {
  python3 - "$here" <<'PY'
import hashlib, json, pathlib, sys
here = pathlib.Path(sys.argv[1])
sha = lambda path: hashlib.sha256(path.read_bytes()).hexdigest()
beside = [*here.iterdir(), *(here / 'avif').iterdir()]
glue = sorted(p for p in beside if p.suffix in ('.c', '.h', '.patch') or p.name in ('build.sh', 'sources.json'))
record = {
    'sources': {str(p.relative_to(here)): sha(p) for p in glue},
    'outputs': {p.name: sha(p) for p in sorted((here / 'wasm').glob('*.wasm'))},
}
(here / 'wasm' / 'checksums.json').write_text(json.dumps(record, indent=2) + '\n')
PY
}

all=$(declare -F | sed -n 's/^declare -f build_//p' | tr _ -)
toolchain
sources
for codec in "${@:-$all}"; do
  for one in $codec; do "build_${one//-/_}"; done
done
checksums
