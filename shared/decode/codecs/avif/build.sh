#!/usr/bin/env bash
# Rebuilds ../wasm/avif.wasm from the sources of libavif and dav1d: `shared/decode/codecs/avif/build.sh`.
#
# Needs bash, python3 with venv, network access to the Python package index, and apt-get with a Debian
# archive that has the source packages of sources.json (unstable, when this was written; DEBIAN_SUITE
# names another suite). The machine's own package sources are left as they are. The output is
# committed: none of this is needed to run or test Hebb.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
codecs=$(dirname "$here")
work=${CODECS_WORK:-$codecs/../../../.cache/codecs}
out=${OUT:-$codecs/wasm/avif.wasm}
zig_version=0.17.1
mkdir -p "$work/avif/objects" "$(dirname "$out")"
work=$(cd "$work" && pwd)

# ---- tools and sources ----

# clang, lld and wasi-libc in one Python package.
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "ziglang==$zig_version"

field() { # library, field: of sources.json
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]][sys.argv[3]])' \
    "$here/sources.json" "$1" "$2"
}

# Debian's source packages, through an apt configuration of this folder's own.
apt=$work/avif/apt
apt_own() {
  apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root "$@"
}
have_sources() {
  for library in libavif dav1d; do
    echo "$(field $library sha256)  $work/avif/$(field $library file)"
  done | sha256sum --check --quiet > /dev/null 2>&1
}
if ! have_sources; then
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
    'Origin: Debian' | head -1)}
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "deb-src [signed-by=$keys] $mirror ${DEBIAN_SUITE:-sid} main" > "$apt/sources.list"
  apt_own update
  (cd "$work/avif" && apt_own source --download-only \
    "libavif=$(field libavif debianVersion)" "dav1d=$(field dav1d debianVersion)")
  have_sources || { echo "These are not the sources that sources.json names." >&2; exit 1; }
fi
for library in libavif dav1d; do tar -C "$work/avif" -xf "$work/avif/$(field $library file)"; done
avif=$work/avif/$(field libavif folder)
dav1d=$work/avif/$(field dav1d folder)

# ---- compiling ----

flags=(
  -target wasm32-wasi -DNDEBUG -std=gnu11 -fno-sanitize=all -ffunction-sections -fdata-sections
  -fvisibility=hidden -mbulk-memory -msimd128 -Wno-everything -DAVIF_CODEC_DAV1D=1
  -I"$codecs" -I"$here" -I"$dav1d" -I"$dav1d/include" -I"$dav1d/src" -I"$avif/include"
  -I"$avif/third_party/libyuv/include"
)

# object NAME SOURCE [flags …], a line each; what runs per pixel is compiled for speed.
objects() {
  for name in cdf cpu ctx data decode dequant_tables getbits intra_edge itx_1d lf_mask lib log mem \
    msac obu pal picture qm ref refmvs scan tables thread_task warpmv wedge; do
    echo "dav1d-$name $dav1d/src/$name.c -O3"
  done
  for name in cdef_apply cdef fg_apply filmgrain ipred_prepare ipred itx lf_apply loopfilter \
    looprestoration lr_apply mc recon; do
    for bits in 8 16; do
      echo "dav1d-$name-$bits $dav1d/src/${name}_tmpl.c -O3 -DBITDEPTH=$bits"
    done
  done
  echo "avif-reformat $avif/src/reformat.c -O3"
  for name in alpha avif colr colrconvert exif gainmap io mem obu properties rawdata read \
    reformat_libsharpyuv reformat_libyuv sampletransform scale stream utils; do
    echo "avif-$name $avif/src/$name.c -Os"
  done
  for name in scale scale_common scale_any row_common planar_functions; do
    echo "yuv-$name $avif/third_party/libyuv/source/$name.c -Os"
  done
  echo "dav1d-codec $here/dav1d-codec.c -Os"
  echo "main $codecs/avif.c -O3"
  echo "arena $codecs/arena.c -O3"
}

# Full frames take 50 KB of stack at most (film grain of 16 bits; -Wframe-larger-than), and 39 KB of
# depth were measured without it. lld puts the stack first: what overflows it traps.
rm -f "$work"/avif/objects/*.o
objects | xargs -P "$(nproc)" -L 1 bash -c '
  name=$0 source=$1
  shift 1
  exec "'"$work"'/venv/bin/python" -m ziglang cc '"${flags[*]}"' "$@" -c "$source" \
    -o "'"$work"'/avif/objects/$name.o"'
"$work/venv/bin/python" -m ziglang cc "${flags[@]}" -O3 -mexec-model=reactor \
  -Wl,--import-memory -Wl,-z,stack-size=131072 -Wl,--gc-sections -Wl,--strip-all \
  "$work"/avif/objects/*.o -o "$out"
echo "avif: $(wc -c < "$out") bytes"
