/* A file's bytes as the table scanner wants them: plain files mapped into memory, .gz and .zst
 * files unpacked as a stream, and either way digested (SHA-256) as they pass, so that the digest
 * belongs to the bytes that were read.
 *
 * What is packed is told by the first bytes, not by the name alone: a gzip file named x.csv is read
 * as gzip, a text named x.csv.gz is refused. Several gzip members or zstd frames in a row are one
 * text; anything else after the end, and an end that comes too soon, is an error in the user's
 * file. Called by scan.c. Never holds more than one buffer of packed bytes. A mapped
 * file must not be cut short by others while it is read (the machine ends a program that looks at
 * bytes that are gone). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

enum { RAW_CHUNK = 1 << 17 };

static voidpf zlib_alloc(voidpf state, uInt n, uInt size) {
    (void)state;
    return onus_alloc_n(n, size);
}

static void zlib_free(voidpf state, voidpf ptr) {
    (void)state;
    onus_free(ptr);
}

static onus_packing packing_of(const unsigned char *head, size_t len) {
    static const unsigned char zstd_magic[4] = {0x28, 0xB5, 0x2F, 0xFD};
    if (len >= 2 && head[0] == 0x1F && head[1] == 0x8B) {
        return ONUS_PACKING_GZIP;
    }
    if (len >= 4 && memcmp(head, zstd_magic, 4) == 0) {
        return ONUS_PACKING_ZSTD;
    }
    /* a skippable frame may come first: 0x184D2A50 .. 0x184D2A5F, little endian */
    if (len >= 4 && (head[0] & 0xF0) == 0x50 && head[1] == 0x2A && head[2] == 0x4D &&
        head[3] == 0x18) {
        return ONUS_PACKING_ZSTD;
    }
    return ONUS_PACKING_NONE;
}

/* Reads the file itself: at least one byte unless it has ended. */
static onus_status read_raw(onus_bytes *bytes, void *dst, size_t cap, size_t *n_read,
                            onus_error *err) {
    for (;;) {
        const ssize_t n = read(bytes->fd, dst, cap);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return onus_fail(err, ONUS_ERR_IO, bytes->name, 0, 0, "cannot be read: %s",
                             strerrordesc_np(errno));
        }
        sha256_update(&bytes->sha, (size_t)n, dst);
        bytes->n_raw += (uint64_t)n;
        *n_read = (size_t)n;
        return ONUS_OK;
    }
}

static onus_status refill_raw(onus_bytes *bytes, onus_error *err) {
    if (bytes->raw_at < bytes->raw_len || bytes->raw_ended) {
        return ONUS_OK;
    }
    size_t n = 0;
    const onus_status status = read_raw(bytes, bytes->raw, RAW_CHUNK, &n, err);
    if (status != ONUS_OK) {
        return status;
    }
    bytes->raw_at = 0;
    bytes->raw_len = n;
    bytes->raw_ended = n == 0;
    return ONUS_OK;
}

onus_status onus_bytes_open(const char *path, const char *name, onus_bytes *bytes,
                            onus_error *err) {
    *bytes = (onus_bytes){.name = name, .fd = -1, .between_members = true};
    sha256_init(&bytes->sha);
    bytes->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (bytes->fd < 0) {
        return onus_fail(err, ONUS_ERR_NOINPUT, name, 0, 0, "cannot be opened: %s%s%s%s",
                         strerrordesc_np(errno), strcmp(path, name) != 0 ? " (looked for '" : "",
                         strcmp(path, name) != 0 ? path : "", strcmp(path, name) != 0 ? "')" : "");
    }
    struct stat info;
    if (fstat(bytes->fd, &info) != 0) {
        return onus_fail(err, ONUS_ERR_NOINPUT, name, 0, 0, "cannot be read: %s",
                         strerrordesc_np(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return onus_fail(err, ONUS_ERR_NOINPUT, name, 0, 0, "is a folder, not a table");
    }
    unsigned char head[4] = {0};
    size_t n_head = 0;
    if (S_ISREG(info.st_mode)) {
        bytes->file_size = (uint64_t)info.st_size;
        const ssize_t n = pread(bytes->fd, head, sizeof head, 0);
        if (n < 0) {
            return onus_fail(err, ONUS_ERR_IO, name, 0, 0, "cannot be read: %s",
                             strerrordesc_np(errno));
        }
        n_head = (size_t)n;
        bytes->packing = packing_of(head, n_head);
    }
    if (bytes->packing != ONUS_PACKING_GZIP && onus_text_ends(name, ".gz")) {
        return onus_fail(err, ONUS_ERR_DATA, name, 0, 0,
                         n_head == 0 ? "is empty" : "is named .gz but is not a gzip file");
    }
    if (bytes->packing != ONUS_PACKING_ZSTD && onus_text_ends(name, ".zst")) {
        return onus_fail(err, ONUS_ERR_DATA, name, 0, 0,
                         n_head == 0 ? "is empty" : "is named .zst but is not a zstd file");
    }
    if (bytes->packing == ONUS_PACKING_NONE && bytes->file_size > 0) {
        void *map = mmap(NULL, (size_t)bytes->file_size, PROT_READ, MAP_PRIVATE, bytes->fd, 0);
        if (map != MAP_FAILED) {
            (void)madvise(map, (size_t)bytes->file_size, MADV_SEQUENTIAL);
            bytes->map = map;
            bytes->map_len = (size_t)bytes->file_size;
        } /* else (a file system without maps): read like a pipe */
    }
    if (bytes->packing != ONUS_PACKING_NONE) {
        bytes->raw = onus_alloc(RAW_CHUNK);
        if (bytes->raw == NULL) {
            return onus_fail_nomem(err);
        }
    }
    if (bytes->packing == ONUS_PACKING_GZIP) {
        bytes->zlib.zalloc = zlib_alloc;
        bytes->zlib.zfree = zlib_free;
        /* 15 bits of window, and 16 to say: a gzip wrapper and no other */
        if (inflateInit2(&bytes->zlib, 15 + 16) != Z_OK) {
            return onus_fail_nomem(err);
        }
        bytes->zlib_open = true;
    }
    if (bytes->packing == ONUS_PACKING_ZSTD) {
        bytes->zstd = ZSTD_createDStream();
        if (bytes->zstd == NULL) {
            return onus_fail_nomem(err);
        }
    }
    return ONUS_OK;
}

static onus_status truncated(const onus_bytes *bytes, onus_error *err) {
    return onus_fail(err, ONUS_ERR_DATA, bytes->name, 0, 0,
                     "is truncated: the %s data end in the middle (after %llu bytes)",
                     bytes->packing == ONUS_PACKING_GZIP ? "gzip" : "zstd",
                     (unsigned long long)bytes->n_raw);
}

static onus_status trailing(const onus_bytes *bytes, onus_error *err) {
    return onus_fail(err, ONUS_ERR_DATA, bytes->name, 0, 0,
                     "has other bytes after the end of its %s data",
                     bytes->packing == ONUS_PACKING_GZIP ? "gzip" : "zstd");
}

static onus_status damaged(const onus_bytes *bytes, const char *what, onus_error *err) {
    return onus_fail(err, ONUS_ERR_DATA, bytes->name, 0, 0, "is damaged: %s",
                     what != NULL ? what : "its packed data cannot be read");
}

static onus_status fill_gzip(onus_bytes *bytes, char *dst, size_t cap, size_t *n_filled,
                             onus_error *err) {
    z_stream *z = &bytes->zlib;
    z->next_out = (Bytef *)dst;
    z->avail_out = (uInt)cap;
    while (z->avail_out == (uInt)cap) {
        const onus_status status = refill_raw(bytes, err);
        if (status != ONUS_OK) {
            return status;
        }
        if (bytes->raw_ended) {
            if (!bytes->between_members) {
                return truncated(bytes, err);
            }
            break;
        }
        if (bytes->between_members && bytes->n_members > 0) {
            if (bytes->raw[bytes->raw_at] == 0) { /* padding of tapes and blocks, as gzip allows */
                bytes->raw_at++;
                continue;
            }
            (void)inflateReset(z);
        }
        bytes->between_members = false;
        z->next_in = bytes->raw + bytes->raw_at;
        z->avail_in = (uInt)(bytes->raw_len - bytes->raw_at);
        const int code = inflate(z, Z_NO_FLUSH);
        bytes->raw_at = bytes->raw_len - z->avail_in;
        if (code == Z_STREAM_END) {
            bytes->between_members = true;
            bytes->n_members++;
        } else if (code == Z_MEM_ERROR) {
            return onus_fail_nomem(err);
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            return bytes->n_members > 0 && z->total_out == 0 ? trailing(bytes, err)
                                                             : damaged(bytes, z->msg, err);
        }
    }
    *n_filled = cap - z->avail_out;
    return ONUS_OK;
}

static onus_status fill_zstd(onus_bytes *bytes, char *dst, size_t cap, size_t *n_filled,
                             onus_error *err) {
    ZSTD_outBuffer to = {.dst = dst, .size = cap, .pos = 0};
    while (to.pos == 0) {
        const onus_status status = refill_raw(bytes, err);
        if (status != ONUS_OK) {
            return status;
        }
        ZSTD_inBuffer from = {.src = bytes->raw,
                              .size = bytes->raw_len,
                              .pos = bytes->raw_ended ? bytes->raw_len : bytes->raw_at};
        if (bytes->raw_ended && bytes->between_members) {
            break;
        }
        const size_t before = from.pos;
        const size_t code = ZSTD_decompressStream(bytes->zstd, &to, &from);
        bytes->raw_at = from.pos;
        if (ZSTD_isError(code)) {
            return bytes->between_members && bytes->n_members > 0
                       ? trailing(bytes, err)
                       : damaged(bytes, ZSTD_getErrorName(code), err);
        }
        if (code == 0) {
            bytes->between_members = true;
            bytes->n_members++;
        } else {
            bytes->between_members = false;
            if (bytes->raw_ended && to.pos == 0 && from.pos == before) {
                return truncated(bytes, err);
            }
        }
    }
    *n_filled = to.pos;
    return ONUS_OK;
}

onus_status onus_bytes_fill(onus_bytes *bytes, char *dst, size_t cap, size_t *n_filled,
                            onus_error *err) {
    *n_filled = 0;
    switch (bytes->packing) {
    case ONUS_PACKING_GZIP:
        return fill_gzip(bytes, dst, cap, n_filled, err);
    case ONUS_PACKING_ZSTD:
        return fill_zstd(bytes, dst, cap, n_filled, err);
    case ONUS_PACKING_NONE:
        break;
    }
    return read_raw(bytes, dst, cap, n_filled, err);
}

void onus_bytes_digest_map(onus_bytes *bytes, size_t n) {
    sha256_update(&bytes->sha, n, (const unsigned char *)bytes->map + bytes->n_raw);
    bytes->n_raw += n;
}

onus_status onus_bytes_finish(onus_bytes *bytes, char out[65], onus_error *err) {
    if (bytes->map != NULL) {
        onus_bytes_digest_map(bytes, bytes->map_len - (size_t)bytes->n_raw);
    } else {
        unsigned char rest[4096];
        size_t n = 1;
        while (n > 0) {
            const onus_status status = read_raw(bytes, rest, sizeof rest, &n, err);
            if (status != ONUS_OK) {
                return status;
            }
        }
    }
    onus_sha256_end(&bytes->sha, out);
    return ONUS_OK;
}

void onus_bytes_close(onus_bytes *bytes) {
    if (bytes->map != NULL) {
        (void)munmap((void *)(uintptr_t)bytes->map, bytes->map_len);
    }
    if (bytes->zlib_open) {
        (void)inflateEnd(&bytes->zlib);
    }
    (void)ZSTD_freeDStream(bytes->zstd);
    onus_free(bytes->raw);
    if (bytes->fd > 0) { /* 0 is a zeroed struct: never a file that we opened */
        (void)close(bytes->fd);
    }
    *bytes = (onus_bytes){.fd = -1};
}
