/* Text: the buffer, UTF-8, distances, paths. */
#include "../fault.h"

#include <stdio.h>
#include <string.h>

#include "../random.h"
#include <wchar.h>

#include "onus/text.h"

static void additions_are_joined(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_add(&text, "rows ");
    onus_text_addf(&text, "%d of %s", 12, "many");
    onus_text_add_len(&text, "!!!", 1);
    assert_int_equal(text.len, 16);
    assert_string_equal(text.data, "rows 12 of many!");
    char *taken = onus_text_take(&text);
    assert_string_equal(taken, "rows 12 of many!");
    onus_free(taken);
    taken = onus_text_take(&text);
    assert_string_equal(taken, "");
    onus_free(taken);
}

static void a_long_text_keeps_every_byte(void **state) {
    (void)state;
    onus_text text = {0};
    for (int i = 0; i < 20000; i++) {
        onus_text_addf(&text, "%05d", i);
    }
    assert_int_equal(text.len, 100000);
    for (int i = 0; i < 20000; i += 997) {
        char want[16];
        (void)snprintf(want, sizeof want, "%05d", i);
        assert_memory_equal(text.data + 5 * (size_t)i, want, 5);
    }
    onus_text_clear(&text);
    onus_text_clear(&text);
}

static void a_failed_addition_is_remembered(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_text text = {0};
        for (int i = 0; i < 50; i++) {
            onus_text_addf(&text, "row %d,", i);
        }
        char *taken = onus_text_take(&text);
        assert_true((taken == NULL) == fault.refused);
        onus_free(taken);
        assert_false(text.failed);
    }
    FAULT_EACH(fault) {
        char *path = onus_path_join("a", "b");
        assert_true((path == NULL) == fault.refused);
        onus_free(path);
    }
}

/* The other road: decode bit by bit and judge the code point (Unicode 15, table 3-7). */
static size_t check_by_decoding(const unsigned char *s, size_t len) {
    size_t i = 0;
    while (i < len) {
        size_t n = 0;
        while (n < 8 && (s[i] & (0x80U >> n)) != 0) {
            n++;
        }
        if (n == 1 || n > 4) {
            return i;
        }
        const size_t size = n == 0 ? 1 : n;
        if (size > len - i) {
            return i;
        }
        uint32_t code = n == 0 ? s[i] : s[i] & (0x7FU >> n);
        for (size_t k = 1; k < size; k++) {
            if (s[i + k] >> 6 != 2) {
                return i;
            }
            code = code << 6 | (s[i + k] & 0x3FU);
        }
        const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
            return i;
        }
        i += size;
    }
    return len;
}

static size_t check(const char *bytes) {
    return onus_utf8_check(bytes, strlen(bytes));
}

static void utf8_follows_the_table_of_rfc_3629(void **state) {
    (void)state;
    assert_int_equal(check(""), 0);
    assert_int_equal(check("Z\xC3\xBCrich \xE2\x82\xAC \xF0\x9F\x98\x80"), 16);
    assert_int_equal(check("ab\x80"), 2);   /* a tail alone */
    assert_int_equal(check("\xC0\xAF"), 0); /* overlong slash */
    assert_int_equal(check("\xC1\xBF"), 0);
    assert_int_equal(check("\xE0\x9F\xBF"), 0);     /* overlong */
    assert_int_equal(check("\xE0\xA0\x80"), 3);     /* U+0800 */
    assert_int_equal(check("\xED\x9F\xBF"), 3);     /* U+D7FF */
    assert_int_equal(check("\xED\xA0\x80"), 0);     /* surrogate U+D800 */
    assert_int_equal(check("\xED\xBF\xBF"), 0);     /* surrogate U+DFFF */
    assert_int_equal(check("\xEE\x80\x80"), 3);     /* U+E000 */
    assert_int_equal(check("\xF0\x8F\xBF\xBF"), 0); /* overlong */
    assert_int_equal(check("\xF0\x90\x80\x80"), 4); /* U+10000 */
    assert_int_equal(check("\xF4\x8F\xBF\xBF"), 4); /* U+10FFFF */
    assert_int_equal(check("\xF4\x90\x80\x80"), 0); /* beyond */
    assert_int_equal(check("\xF5\x80\x80\x80"), 0);
    assert_int_equal(check("\xFF"), 0);
    assert_int_equal(onus_utf8_check("aaaaaaaaaa\xE2\x82", 12), 10); /* cut off */
    assert_int_equal(onus_utf8_check("a\0b", 3), 3); /* NUL is a character; CSV refuses it */
}

static void utf8_agrees_with_decoding_for_all_short_sequences(void **state) {
    (void)state;
    unsigned char s[4];
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            s[0] = (unsigned char)a;
            s[1] = (unsigned char)b;
            assert_int_equal(onus_utf8_check((const char *)s, 2), check_by_decoding(s, 2));
        }
    }
    uint64_t seed = 1;
    const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                   0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEE,
                                   0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF, 'a',  'b'};
    for (int i = 0; i < test_mult(200000); i++) {
        unsigned char t[24];
        const size_t len = (size_t)random_below(&seed, sizeof t + 1);
        for (size_t k = 0; k < len; k++) {
            t[k] = random_below(&seed, 3) == 0 ? edges[random_below(&seed, sizeof edges)] : 'x';
        }
        assert_int_equal(onus_utf8_check((const char *)t, len), check_by_decoding(t, len));
    }
}

/* Optimal string alignment by its definition, without rows, caps or folding. */
static size_t align(const char *a, size_t n_a, const char *b, size_t n_b) {
    if (n_a == 0 || n_b == 0) {
        return n_a + n_b;
    }
    size_t best = align(a, n_a - 1, b, n_b - 1) + (a[n_a - 1] == b[n_b - 1] ? 0 : 1);
    const size_t drop = align(a, n_a - 1, b, n_b) + 1;
    const size_t put = align(a, n_a, b, n_b - 1) + 1;
    best = drop < best ? drop : best;
    best = put < best ? put : best;
    if (n_a > 1 && n_b > 1 && a[n_a - 1] == b[n_b - 2] && a[n_a - 2] == b[n_b - 1]) {
        const size_t swap = align(a, n_a - 2, b, n_b - 2) + 1;
        best = swap < best ? swap : best;
    }
    return best;
}

static void distance_agrees_with_its_definition(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < test_mult(1500); i++) {
        char a[8] = "";
        char b[8] = "";
        const size_t n_a = (size_t)random_below(&seed, 6);
        const size_t n_b = (size_t)random_below(&seed, 6);
        for (size_t k = 0; k < n_a; k++) {
            a[k] = (char)('a' + random_below(&seed, 3));
        }
        for (size_t k = 0; k < n_b; k++) {
            b[k] = (char)('a' + random_below(&seed, 3));
        }
        const size_t want = align(a, n_a, b, n_b);
        for (size_t cap = 0; cap < 7; cap++) {
            assert_int_equal(onus_text_distance(a, b, cap), want <= cap ? want : cap + 1);
        }
        assert_int_equal(onus_text_distance(a, b, SIZE_MAX), want);
        assert_int_equal(onus_text_distance(b, a, SIZE_MAX), want);
    }
}

static void distance_ignores_case_and_bounds_long_words(void **state) {
    (void)state;
    assert_int_equal(onus_text_distance("Replicates", "replicates", 3), 0);
    char a[200];
    char b[200];
    memset(a, 'x', sizeof a);
    memset(b, 'x', sizeof b);
    a[199] = b[199] = '\0';
    b[100] = 'X';
    assert_int_equal(onus_text_distance(a, b, 2), 0);
    b[100] = 'y';
    assert_int_equal(onus_text_distance(a, b, 2), 3);
}

static void the_nearest_word_is_suggested(void **state) {
    (void)state;
    const char *const keys[] = {"replicates", "resample", "seed", "block_m", "block_n"};
    assert_string_equal(onus_text_nearest("replicats", keys, 5), "replicates");
    assert_string_equal(onus_text_nearest("sede", keys, 5), "seed");
    assert_string_equal(onus_text_nearest("block_x", keys, 5), "block_m"); /* a tie: the first */
    assert_string_equal(onus_text_nearest("BLOCK_N", keys, 5), "block_n");
    assert_null(onus_text_nearest("threshold", keys, 5));
    assert_null(onus_text_nearest("x", NULL, 0));
}

static void equality_and_ends(void **state) {
    (void)state;
    assert_true(onus_text_equal(NULL, NULL));
    assert_false(onus_text_equal(NULL, ""));
    assert_false(onus_text_equal("a", "A"));
    assert_true(onus_text_equal_fold("aZ", "Az"));
    assert_false(onus_text_equal_fold("a", "ab"));
    assert_false(onus_text_equal_fold(NULL, "a"));
    assert_true(onus_text_equal_fold(NULL, NULL));
    assert_false(onus_text_equal_fold("[", "{")); /* differ by the bit that folds letters */
    assert_true(onus_text_starts("right/UTC", "right/"));
    assert_false(onus_text_starts("r", "right/"));
    assert_true(onus_text_ends("a.csv.gz", ".gz"));
    assert_false(onus_text_ends("gz", ".gz"));
}

static void join_is(const char *dir, const char *name, const char *want) {
    char *got = onus_path_join(dir, name);
    assert_string_equal(got, want);
    onus_free(got);
}

static void dir_is(const char *path, const char *want) {
    char *got = onus_path_dir(path);
    assert_string_equal(got, want);
    onus_free(got);
}

static void paths_join_and_part(void **state) {
    (void)state;
    join_is("a", "b", "a/b");
    join_is("a/", "b", "a/b");
    join_is("/", "b", "/b");
    join_is("a", "/b", "/b");
    join_is("", "b", "b");
    join_is(NULL, "b", "b");
    dir_is("a/b.csv", "a");
    dir_is("b.csv", ".");
    dir_is("/b.csv", "/");
    dir_is("a//b", "a");
    dir_is("//b", "/");
    assert_string_equal(onus_path_base("a/b.csv"), "b.csv");
    assert_string_equal(onus_path_base("b.csv"), "b.csv");
    assert_string_equal(onus_path_base("a/"), "");
}

static void *refuse(void *state, void *ptr, size_t size) {
    (void)ptr;
    *(size_t *)state = size;
    return NULL;
}

static void keep(void *state, void *ptr) {
    (void)state;
    free(ptr);
}

static void what_no_text_can_hold_is_remembered_as_a_failure(void **state) {
    (void)state;
    onus_text text = {0};
    onus_text_addf(&text, "%lc", (wint_t)0x7FFFFFF0); /* no character: an error of printf */
    assert_true(text.failed);
    onus_text_clear(&text);
    size_t asked = 0;
    onus_alloc_set(&(onus_allocator){refuse, keep, &asked});
    onus_text_add_len(&text, "x", SIZE_MAX - 64); /* half as much again would be past SIZE_MAX */
    onus_alloc_set(NULL);
    assert_true(text.failed && asked == SIZE_MAX - 63);
    onus_text_clear(&text);
    onus_text_add(&text, "x");
    onus_text_add_len(&text, "x", SIZE_MAX);
    assert_true(text.failed && text.len == 1);
    onus_text_clear(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_are_joined),
        cmocka_unit_test(a_long_text_keeps_every_byte),
        cmocka_unit_test(a_failed_addition_is_remembered),
        cmocka_unit_test(utf8_follows_the_table_of_rfc_3629),
        cmocka_unit_test(utf8_agrees_with_decoding_for_all_short_sequences),
        cmocka_unit_test(distance_agrees_with_its_definition),
        cmocka_unit_test(distance_ignores_case_and_bounds_long_words),
        cmocka_unit_test(the_nearest_word_is_suggested),
        cmocka_unit_test(equality_and_ends),
        cmocka_unit_test(paths_join_and_part),
        cmocka_unit_test(what_no_text_can_hold_is_remembered_as_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
