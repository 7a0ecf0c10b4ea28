/* Runs a fuzz harness over files: what the fuzzer found once is an ordinary test from then on.
 *
 *     fuzz_case corpus/case ...       files, or folders of files (read in the order of their names)
 *
 * With -Dfuzz=true libFuzzer's own main takes its place. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    size_t size = 0;
    size_t cap = 1 << 16;
    /* Exactly as large as the input, so that a sanitizer sees every byte read past its end. */
    uint8_t *data = malloc(cap);
    for (size_t n = 1; data != NULL && n > 0;) {
        n = fread(data + size, 1, cap - size, file);
        size += n;
        if (size == cap) {
            cap *= 2;
            uint8_t *larger = realloc(data, cap);
            if (larger == NULL) {
                free(data);
            }
            data = larger;
        }
    }
    (void)fclose(file);
    uint8_t *exact = data == NULL ? NULL : malloc(size > 0 ? size : 1);
    if (exact == NULL) {
        free(data);
        fputs("out of memory\n", stderr);
        return false;
    }
    if (size > 0) {
        memcpy(exact, data, size);
    }
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

int main(int argc, char **argv) {
    int n_run = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        if (stat(argv[i], &info) != 0) {
            perror(argv[i]);
            return 1;
        }
        if (!S_ISDIR(info.st_mode)) {
            if (!run_file(argv[i])) {
                return 1;
            }
            n_run++;
            continue;
        }
        struct dirent **names = NULL;
        const int n = scandir(argv[i], &names, NULL, alphasort);
        for (int k = 0; k < n; k++) {
            char path[4096];
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], names[k]->d_name);
            const bool is_hidden = names[k]->d_name[0] == '.';
            free(names[k]);
            if (is_hidden) {
                continue;
            }
            if (!run_file(path)) {
                return 1;
            }
            n_run++;
        }
        free(names);
    }
    printf("%d inputs\n", n_run);
    return n_run > 0 ? 0 : 1; /* an empty corpus tests nothing */
}
