/* SHA-256 of inputs, so that a report can name exactly the bytes it was made from.
 *
 * The digest itself is libsodium's; files that the table scanner reads are digested while they are
 * read (bytes.c), so that the digest is of the bytes that were used and not of what stands at that
 * path a moment later. This file serves whole files and bytes in memory: layers, the case file.
 * Never reads the file into memory at once. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "onus/alloc.h"
#include "onus/evidence.h"

enum { DIGEST_CHUNK = 1 << 18 };

static void to_hex(const unsigned char sum[crypto_hash_sha256_BYTES], char out[65]) {
    sodium_bin2hex(out, 65, sum, crypto_hash_sha256_BYTES);
}

onus_status onus_sha256_file(const char *path, char out[65], onus_error *err) {
    onus_status status = ONUS_OK;
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
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
    crypto_hash_sha256_init(&state);
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
        crypto_hash_sha256_update(&state, chunk, (unsigned long long)n);
    }
    crypto_hash_sha256_final(&state, sum);
    to_hex(sum, out);
out:
    onus_free(chunk);
    (void)close(fd);
    return status;
}

void onus_sha256_bytes(const void *bytes, size_t len, char out[65]) {
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sum, bytes, len);
    to_hex(sum, out);
}
