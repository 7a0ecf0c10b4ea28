/* Out of memory anywhere in a trial: an error, nothing leaked, nothing half-done that cannot be
 * cleared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fault.h"
#include "town.h"

/* Small, but with every stage: outcomes, times, both conventions, something to withhold. */
static town *whole_town(void) {
    town *t = town_new(3, 2, 1);
    t->c.protocol.conventions[ONUS_CONVENTION_MARKUP_2021] = true;
    t->c.protocol.suppress_below = 10;
    t->c.protocol.n_replicates = 5;
    t->has_times = true;
    for (size_t i = 0; i < 6; i++) {
        t->total[i] = 100.0;
        t->people[0][i] = i == 1 ? 4.0 : 10.0 + 5.0 * (double)i;
        t->flag_day[i] = (int32_t)(9 * i);
        town_flag_area(t, i, 1.0 + (double)(i % 4));
        town_outcome_area(t, i);
    }
    return t;
}

static void every_refused_allocation_is_an_error_and_leaks_nothing(void **state) {
    (void)state;
    town *t = whole_town();
    FAULT_EACH(fault) {
        onus_status status = town_try(t);
        if (status == ONUS_OK) {
            status = onus_place_answer(&t->result, NULL);
        }
        onus_result_clear(&t->result);
        fault_expect(&fault, status);
    }
    town_free(t);
}

static void a_raised_stop_flag_ends_the_trial(void **state) {
    (void)state;
    town *t = whole_town();
    volatile sig_atomic_t stop = 1;
    const onus_context context = {.n_threads = 1, .stop = &stop};
    town_wire(t);
    onus_result_init(&t->result, &t->c, &t->evidence);
    assert_int_equal(onus_place_try(&t->c, &t->evidence, &context, &t->result, NULL),
                     ONUS_ERR_INTERRUPTED);
    town_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refused_allocation_is_an_error_and_leaks_nothing),
        cmocka_unit_test(a_raised_stop_flag_ends_the_trial),
    };
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
