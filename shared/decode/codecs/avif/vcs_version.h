/* Asked for by lib.c; the version of the source package. */
#define DAV1D_VERSION "1.5.4"
