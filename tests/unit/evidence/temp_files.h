/* A folder of its own for each test program, and files in it: plain, gzip, zstd. */
#ifndef ONUS_TEST_TEMP_FILES_H
#define ONUS_TEST_TEMP_FILES_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

static char temp_dir[256];

static inline int remove_entry(const char *path, const struct stat *info, int type,
                               struct FTW *ftw) {
    (void)info;
    (void)type;
    (void)ftw;
    return remove(path);
}

static inline int make_temp_dir(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    (void)snprintf(temp_dir, sizeof temp_dir, "%s/onus-test-XXXXXX",
                   base != NULL ? base : P_tmpdir);
    return mkdtemp(temp_dir) != NULL ? 0 : -1;
}

static inline int remove_temp_dir(void **state) {
    (void)state;
    return nftw(temp_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline const char *temp_path(const char *name) {
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", temp_dir, name);
    return path;
}

static inline void write_bytes(const char *name, const void *bytes, size_t len) {
    FILE *file = fopen(temp_path(name), "wb");
    assert_non_null(file);
    if (len > 0) {
        assert_int_equal(fwrite(bytes, 1, len, file), len);
    }
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *name, const char *text) {
    write_bytes(name, text, strlen(text));
}

/* Packed copies of `bytes`; the caller frees. */
static inline unsigned char *pack_gzip(const void *bytes, size_t len, size_t *packed_len) {
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    const size_t cap = deflateBound(&z, len) + 64;
    unsigned char *out = malloc(cap);
    assert_non_null(out);
    unsigned char none = 0;
    z.next_in = len > 0 ? (Bytef *)(uintptr_t)bytes : &none;
    z.avail_in = (uInt)len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    *packed_len = z.total_out;
    (void)deflateEnd(&z);
    return out;
}

static inline unsigned char *pack_zstd(const void *bytes, size_t len, size_t *packed_len) {
    const size_t cap = ZSTD_compressBound(len);
    unsigned char *out = malloc(cap);
    assert_non_null(out);
    *packed_len = ZSTD_compress(out, cap, bytes, len, 3);
    assert_false(ZSTD_isError(*packed_len));
    return out;
}

static inline void write_gzip(const char *name, const void *bytes, size_t len) {
    size_t n = 0;
    unsigned char *packed = pack_gzip(bytes, len, &n);
    write_bytes(name, packed, n);
    free(packed);
}

static inline void write_zstd(const char *name, const void *bytes, size_t len) {
    size_t n = 0;
    unsigned char *packed = pack_zstd(bytes, len, &n);
    write_bytes(name, packed, n);
    free(packed);
}

#endif
