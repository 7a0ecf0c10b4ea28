/* SHA-256 of inputs, so that a report can name exactly the bytes it was made from.
 *
 * The digest itself is Nettle's, which uses the processor's own instructions; files that the table
 * scanner reads are digested while they are read (bytes.c), so that the digest is of the bytes that
 * were used and not of what stands at that path a moment later. This file serves whole files and
 * bytes in memory: layers, the case file. Never reads the file into memory at once. */
#include <errno.h>
#include <fcntl.h>
#include <nettle/base16.h>
#include <string.h>
#include <unistd.h>

#include "evidence_internal.h"
#include "onus/alloc.h"

enum { DIGEST_CHUNK = 1 << 18 };

void onus_sha256_end(struct sha256_ctx *sha, char out[65]) {
    unsigned char sum[SHA256_DIGEST_SIZE];
    sha256_digest(sha, sizeof sum, sum);
    base16_encode_update(out, sizeof sum, sum);
    out[BASE16_ENCODE_LENGTH(sizeof sum)] = '\0';
}

onus_status onus_sha256_file(const char *path, char out[65], onus_error *err) {
    onus_status status = ONUS_OK;
    struct sha256_ctx state;
    unsigned char *chunk = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return onus_fail(err, ONUS_ERR_NOINPUT, path, 0, 0, "cannot be opened: %s",
                         strerrordesc_np(errno));
    }
    chunk = onus_alloc(DIGEST_CHUNK);
    if (chunk == NULL) {
        status = onus_fail_nomem(err);
        goto out;
    }
    sha256_init(&state);
    for (;;) {
        const ssize_t n = read(fd, chunk, DIGEST_CHUNK);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            status = onus_fail(err, errno == EISDIR ? ONUS_ERR_NOINPUT : ONUS_ERR_IO, path, 0, 0,
                               "cannot be read: %s", strerrordesc_np(errno));
            goto out;
        }
        if (n == 0) {
            break;
        }
        sha256_update(&state, (size_t)n, chunk);
    }
    onus_sha256_end(&state, out);
out:
    onus_free(chunk);
    (void)close(fd);
    return status;
}

void onus_sha256_bytes(const void *bytes, size_t len, char out[65]) {
    struct sha256_ctx state;
    sha256_init(&state);
    sha256_update(&state, len, bytes);
    onus_sha256_end(&state, out);
}
