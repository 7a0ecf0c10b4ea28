/* Reading the command line: every form of an option, and every way to get one wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/cli/cli.h"

static const cli_opt opts[] = {
    {.name = "data", .kind = CLI_OPT_TEXT, .value = "DIR", .doc = ""},
    {.name = "output", .letter = 'o', .kind = CLI_OPT_TEXT, .value = "DIR", .doc = ""},
    {.name = "seed", .kind = CLI_OPT_WHOLE, .value = "N", .min = 0, .max = 99, .doc = ""},
    {.name = "force", .letter = 'f', .doc = ""},
};
static const cli_verb verb = {.name = "try",
                              .synopsis = "CASE",
                              .args_min = 1,
                              .args_max = 2,
                              .opts = opts,
                              .n_opts = sizeof opts / sizeof opts[0]};

enum { WORDS_MAX = 8 };

/* Parses up to eight words; an unused word is NULL. */
static onus_status parse(cli_args *args, onus_error *err, const char *const words[WORDS_MAX]) {
    char *argv[WORDS_MAX];
    int argc = 0;
    memset(err, 0, sizeof *err);
    while (argc < WORDS_MAX && words[argc] != NULL) {
        argv[argc] = (char *)(uintptr_t)words[argc];
        argc++;
    }
    return cli_args_parse(&verb, argc, argv, args, err);
}
#define PARSE(...) parse(&args, &err, (const char *const[WORDS_MAX]){__VA_ARGS__})

static void every_form_of_a_value_is_the_same(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    assert_int_equal(PARSE("case", "--output", "dir"), ONUS_OK);
    assert_string_equal(cli_opt_get(&verb, &args, "output")->text, "dir");
    assert_int_equal(PARSE("--output=dir", "case"), ONUS_OK);
    assert_string_equal(cli_opt_get(&verb, &args, "output")->text, "dir");
    assert_int_equal(PARSE("-o", "dir", "case"), ONUS_OK);
    assert_string_equal(cli_opt_get(&verb, &args, "output")->text, "dir");
    assert_int_equal(PARSE("-odir", "case"), ONUS_OK);
    assert_string_equal(cli_opt_get(&verb, &args, "output")->text, "dir");
    assert_int_equal(args.n_args, 1);
    assert_string_equal(args.args[0], "case");
}

static void a_lone_dash_is_a_value_or_an_argument(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    assert_int_equal(PARSE("case", "-o", "-"), ONUS_OK);
    assert_string_equal(cli_opt_get(&verb, &args, "output")->text, "-");
    assert_int_equal(PARSE("-"), ONUS_OK);
    assert_string_equal(args.args[0], "-");
}

static void two_dashes_end_the_options(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    assert_int_equal(PARSE("--", "--force", "--help"), ONUS_OK);
    assert_false(cli_opt_get(&verb, &args, "force")->given);
    assert_false(args.help);
    assert_int_equal(args.n_args, 2);
}

static void a_number_must_parse_to_its_last_character(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    static const char *const wrong[] = {"12x", " 1", "1 ", "0x1", "1.5", "1e1", "100", "-1", "+"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(PARSE("case", "--seed", wrong[i]), ONUS_ERR_USAGE);
        assert_non_null(strstr(err.text, wrong[i]));
        assert_non_null(strstr(err.text, "from 0 to 99"));
    }
    assert_int_equal(PARSE("case", "--seed=99"), ONUS_OK);
    assert_int_equal(cli_opt_get(&verb, &args, "seed")->whole, 99);
}

static void mistakes_are_named(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    assert_int_equal(PARSE("case", "--oputut", "x"), ONUS_ERR_USAGE);
    assert_string_equal(err.text, "unknown option '--oputut'; did you mean '--output'?");
    assert_int_equal(PARSE("case", "--force=yes"), ONUS_ERR_USAGE);
    assert_string_equal(err.text, "option '--force' takes no value");
    assert_int_equal(PARSE("case", "-x"), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("case", "-ff"), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("case", "--seed"), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("case", "--output="), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("case", "--seed", "1", "--seed", "1"), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("--force"), ONUS_ERR_USAGE);
    assert_int_equal(PARSE("a", "b", "c"), ONUS_ERR_USAGE);
    assert_string_equal(err.text, "unexpected argument 'c'");
}

static void an_option_that_is_not_given_is_absent(void **state) {
    (void)state;
    cli_args args;
    onus_error err;
    assert_int_equal(PARSE("case"), ONUS_OK);
    assert_false(cli_opt_get(&verb, &args, "data")->given);
    assert_null(cli_opt_get(&verb, &args, "data")->text);
    assert_false(cli_opt_get(&verb, &args, "no such option")->given);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_value_is_the_same),
        cmocka_unit_test(a_lone_dash_is_a_value_or_an_argument),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(a_number_must_parse_to_its_last_character),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(an_option_that_is_not_given_is_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
