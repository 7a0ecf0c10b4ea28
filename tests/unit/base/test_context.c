/* Sinks for talk and progress, and the stop flag. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "onus/context.h"

typedef struct heard {
    onus_log_level level;
    char text[4096];
    uint64_t done;
    uint64_t total;
    char stage[32];
} heard;

static void hear(void *state, onus_log_level level, const char *text) {
    heard *h = state;
    h->level = level;
    (void)snprintf(h->text, sizeof h->text, "%s", text);
}

static void hear_progress(void *state, const char *stage, uint64_t done, uint64_t total) {
    heard *h = state;
    h->done = done;
    h->total = total;
    (void)snprintf(h->stage, sizeof h->stage, "%s", stage);
}

static void messages_reach_the_sink(void **state) {
    (void)state;
    heard h = {0};
    const onus_context context = {
        .log = hear, .log_state = &h, .progress = hear_progress, .progress_state = &h};
    onus_log(&context, ONUS_LOG_NOTE, "%d rows", 12);
    assert_string_equal(h.text, "12 rows");
    assert_int_equal(h.level, ONUS_LOG_NOTE);
    onus_progress(&context, "reading", 3, 9);
    assert_int_equal(h.done, 3);
    assert_int_equal(h.total, 9);
    assert_string_equal(h.stage, "reading");
}

static void long_messages_are_cut_not_lost(void **state) {
    (void)state;
    heard h = {0};
    const onus_context context = {.log = hear, .log_state = &h};
    char text[3000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    onus_log(&context, ONUS_LOG_WARNING, "%s", text);
    assert_int_equal(strlen(h.text), 2047);
}

static void without_a_context_there_is_silence(void **state) {
    (void)state;
    const onus_context silent = {0};
    onus_log(NULL, ONUS_LOG_WARNING, "x");
    onus_log(&silent, ONUS_LOG_WARNING, "x");
    onus_progress(NULL, "x", 0, 1);
    onus_progress(&silent, "x", 0, 1);
    assert_false(onus_stopped(NULL));
    assert_false(onus_stopped(&silent));
}

static void a_raised_flag_asks_to_stop(void **state) {
    (void)state;
    volatile sig_atomic_t flag = 0;
    const onus_context context = {.stop = &flag};
    assert_false(onus_stopped(&context));
    flag = 1;
    assert_true(onus_stopped(&context));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_reach_the_sink),
        cmocka_unit_test(long_messages_are_cut_not_lost),
        cmocka_unit_test(without_a_context_there_is_silence),
        cmocka_unit_test(a_raised_flag_asks_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
