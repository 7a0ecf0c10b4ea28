/* Allocation, the growing array, kept blocks, and the tests' own fault injection. */
#include "../fault.h"

#include <string.h>

#include "onus/array.h"
#include "onus/kept.h"

static void blocks_are_zeroed_also_with_another_allocator(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        unsigned char *block = onus_alloc_n(1000, 3);
        if (block != NULL) {
            for (size_t i = 0; i < 3000; i++) {
                assert_int_equal(block[i], 0);
            }
            memset(block, 0xFF, 3000);
        } else {
            assert_true(fault.refused);
        }
        onus_free(block);
    }
}

static void sizes_that_overflow_are_refused(void **state) {
    (void)state;
    assert_null(onus_alloc_n(SIZE_MAX / 2, 3));
    int *block = onus_alloc_n(4, sizeof *block);
    assert_non_null(block);
    assert_null(onus_realloc_n(block, SIZE_MAX / 4 + 2, sizeof *block));
    onus_free(block);
    assert_null(onus_strndup("x", SIZE_MAX));
}

static void nothing_is_a_block_too(void **state) {
    (void)state;
    void *a = onus_alloc(0);
    void *b = onus_alloc_n(0, 8);
    assert_non_null(a);
    assert_non_null(b);
    assert_ptr_not_equal(a, b);
    a = onus_realloc_n(a, 0, 8);
    assert_non_null(a);
    onus_free(a);
    onus_free(b);
    onus_free(NULL);
}

static void copies_of_strings_are_their_own(void **state) {
    (void)state;
    assert_null(onus_strdup(NULL));
    char *copy = onus_strdup("onus");
    char *part = onus_strndup("onus probandi", 4);
    assert_string_equal(copy, "onus");
    assert_string_equal(part, copy);
    onus_free(copy);
    onus_free(part);
}

static void an_array_holds_what_was_pushed(void **state) {
    (void)state;
    onus_array array = ONUS_ARRAY_OF(int);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(onus_array_push(&array, &i), ONUS_OK);
    }
    assert_int_equal(array.n_items, 10000);
    assert_true(array.items_cap < 16000);
    size_t n = 0;
    int *items = onus_array_take(&array, &n);
    assert_int_equal(n, 10000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(items[i], i);
    }
    onus_free(items);
    assert_int_equal(array.n_items, 0);
    assert_null(array.items);
    /* Usable again, and grown elements are zero whatever lay there before. */
    int *grown = onus_array_grow(&array);
    assert_non_null(grown);
    assert_int_equal(*grown, 0);
    onus_array_clear(&array);
    onus_array_clear(&array);
}

static void an_empty_array_gives_away_nothing(void **state) {
    (void)state;
    onus_array array = ONUS_ARRAY_OF(double);
    size_t n = 7;
    assert_null(onus_array_take(&array, &n));
    assert_int_equal(n, 0);
    assert_int_equal(onus_array_reserve(&array, 5), ONUS_OK);
    assert_null(onus_array_take(&array, NULL));
}

static void a_refused_reserve_leaves_the_array_as_it_was(void **state) {
    (void)state;
    onus_array array = ONUS_ARRAY_OF(double);
    assert_int_equal(onus_array_push(&array, &(double){1.5}), ONUS_OK);
    assert_int_equal(onus_array_reserve(&array, SIZE_MAX), ONUS_ERR_NOMEM);
    assert_int_equal(onus_array_reserve(&array, SIZE_MAX / 4), ONUS_ERR_NOMEM);
    assert_int_equal(array.n_items, 1);
    onus_array_clear(&array);
}

static void every_allocation_of_an_array_may_fail(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_array array = ONUS_ARRAY_OF(long);
        onus_status status = ONUS_OK;
        long pushed = 0;
        while (pushed < 100 && status == ONUS_OK) {
            status = onus_array_push(&array, &pushed);
            pushed += status == ONUS_OK ? 1 : 0;
        }
        fault_expect(&fault, status);
        assert_int_equal(array.n_items, pushed);
        if (status == ONUS_OK && onus_array_grow(&array) == NULL) {
            assert_true(fault.refused);
        }
        size_t n = 0;
        long *items = onus_array_take(&array, &n); /* survives a refused shrink */
        for (long i = 0; i < pushed; i++) {
            assert_int_equal(items[i], i);
        }
        onus_free(items);
    }
}

static void an_element_that_there_is_no_room_for_is_none(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_array array = ONUS_ARRAY_OF(int);
        const int *elem = onus_array_grow(&array);
        assert_true((elem == NULL) == fault.refused);
        assert_true(elem == NULL ? array.n_items == 0 : *elem == 0 && array.n_items == 1);
        onus_array_clear(&array);
    }
}

static void what_is_kept_is_freed_with_its_keeper_and_what_is_refused_at_once(void **state) {
    (void)state;
    FAULT_EACH(fault) {
        onus_array kept = ONUS_KEPT_INIT;
        bool has_all = true;
        for (int k = 0; k < 40; k++) {
            int *block = onus_keep(&kept, onus_alloc(sizeof *block));
            has_all = has_all && block != NULL;
        }
        assert_int_equal(has_all, !fault.refused);
        assert_int_equal(kept.n_items, fault.refused ? 39 : 40);
        onus_kept_clear(&kept);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_also_with_another_allocator),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(nothing_is_a_block_too),
        cmocka_unit_test(copies_of_strings_are_their_own),
        cmocka_unit_test(an_array_holds_what_was_pushed),
        cmocka_unit_test(an_empty_array_gives_away_nothing),
        cmocka_unit_test(a_refused_reserve_leaves_the_array_as_it_was),
        cmocka_unit_test(every_allocation_of_an_array_may_fail),
        cmocka_unit_test(what_is_kept_is_freed_with_its_keeper_and_what_is_refused_at_once),
        cmocka_unit_test(an_element_that_there_is_no_room_for_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
