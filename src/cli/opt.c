/* Options: one table per verb says which there are, and the parser, the help and the man page's
 * test read the same table.
 *
 * Long options take their value after a space or an equals sign, a letter takes it after a space or
 * directly. Numbers must be whole numbers within the table's range, every character of them. A word
 * that is no option is met with the nearest one that is.
 *
 * Called by main.c with the arguments after the verb. It never prints and never exits. */
#include "cli.h"

#include <string.h>

#include "onus/scalar.h"
#include "onus/text.h"

static const cli_opt *find_long(const cli_verb *verb, const char *name, size_t len) {
    for (size_t i = 0; i < verb->n_opts; i++) {
        const char *known = verb->opts[i].name;
        if (strlen(known) == len && strncmp(known, name, len) == 0) {
            return &verb->opts[i];
        }
    }
    return NULL;
}

static const cli_opt *find_letter(const cli_verb *verb, char letter) {
    for (size_t i = 0; i < verb->n_opts; i++) {
        if (verb->opts[i].letter == letter && letter != '\0') {
            return &verb->opts[i];
        }
    }
    return NULL;
}

static onus_status fail_unknown(const cli_verb *verb, const char *arg, onus_error *err) {
    const char *names[CLI_OPTS_MAX + 2];
    size_t n_names = 0;
    for (size_t i = 0; i < verb->n_opts && i < CLI_OPTS_MAX; i++) {
        names[n_names++] = verb->opts[i].name;
    }
    names[n_names++] = "help";
    names[n_names++] = "no-color";
    const char *word = arg;
    while (*word == '-') {
        word++;
    }
    char bare[64];
    const size_t len = strcspn(word, "=");
    if (len < sizeof bare) {
        memcpy(bare, word, len);
        bare[len] = '\0';
        const char *nearest = onus_text_nearest(bare, names, n_names);
        if (nearest != NULL) {
            return onus_fail_plain(err, ONUS_ERR_USAGE,
                                   "unknown option '%.*s'; did you mean '--%s'?",
                                   (int)(len + (size_t)(word - arg)), arg, nearest);
        }
    }
    return onus_fail_plain(err, ONUS_ERR_USAGE, "unknown option '%s'", arg);
}

static onus_status set_value(const cli_opt *opt, const char *text, cli_opt_value *value,
                             onus_error *err) {
    if (value->given && opt->kind != CLI_OPT_FLAG) {
        return onus_fail_plain(err, ONUS_ERR_USAGE, "option '--%s' is given twice", opt->name);
    }
    if (opt->kind != CLI_OPT_FLAG && (text == NULL || text[0] == '\0')) {
        return onus_fail_plain(err, ONUS_ERR_USAGE, "option '--%s' needs a value (%s)", opt->name,
                               opt->value);
    }
    if (opt->kind == CLI_OPT_WHOLE) {
        int64_t whole = 0;
        if (!onus_parse_int64(text, strlen(text), &whole) || whole < opt->min || whole > opt->max) {
            char low[32];
            char high[32];
            onus_format_count(opt->min, low);
            onus_format_count(opt->max, high);
            return onus_fail_plain(err, ONUS_ERR_USAGE,
                                   "option '--%s' is '%s', not a whole number from %s to %s",
                                   opt->name, text, low, high);
        }
        value->whole = whole;
    }
    value->given = true;
    value->text = text;
    return ONUS_OK;
}

/* One option that starts at argv[*i]; *i moves on past a value that stands apart. */
static onus_status take_option(const cli_verb *verb, int argc, char **argv, int *i, cli_args *args,
                               onus_error *err) {
    const char *arg = argv[*i];
    const cli_opt *opt = NULL;
    const char *text = NULL;
    if (arg[1] == '-') {
        const size_t len = strcspn(arg + 2, "=");
        opt = find_long(verb, arg + 2, len);
        text = arg[2 + len] == '=' ? arg + 3 + len : NULL;
    } else {
        opt = find_letter(verb, arg[1]);
        text = arg[2] != '\0' ? arg + 2 : NULL;
    }
    if (opt == NULL) {
        return fail_unknown(verb, arg, err);
    }
    if (opt->kind == CLI_OPT_FLAG) {
        if (text != NULL) {
            return arg[1] == '-' ? onus_fail_plain(err, ONUS_ERR_USAGE,
                                                   "option '--%s' takes no value", opt->name)
                                 : fail_unknown(verb, arg, err);
        }
    } else if (text == NULL && *i + 1 < argc) {
        text = argv[++*i];
    }
    return set_value(opt, text, &args->opts[opt - verb->opts], err);
}

onus_status cli_args_parse(const cli_verb *verb, int argc, char **argv, cli_args *args,
                           onus_error *err) {
    memset(args, 0, sizeof *args);
    bool options_over = false;
    for (int i = 0; i < argc; i++) {
        const char *arg = argv[i];
        if (!options_over && strcmp(arg, "--") == 0) {
            options_over = true;
        } else if (!options_over && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)) {
            args->help = true;
            return ONUS_OK;
        } else if (!options_over && strcmp(arg, "--no-color") == 0) {
            continue; /* main.c has seen it */
        } else if (!options_over && arg[0] == '-' && arg[1] != '\0') {
            const onus_status status = take_option(verb, argc, argv, &i, args, err);
            if (status != ONUS_OK) {
                return status;
            }
        } else if (args->n_args < verb->args_max && args->n_args < CLI_ARGS_MAX) {
            args->args[args->n_args++] = arg;
        } else {
            return onus_fail_plain(err, ONUS_ERR_USAGE, "unexpected argument '%s'", arg);
        }
    }
    if (args->n_args < verb->args_min) {
        return onus_fail_plain(err, ONUS_ERR_USAGE, "too few arguments; expected: onus %s %s",
                               verb->name, verb->synopsis);
    }
    return ONUS_OK;
}

const cli_opt_value *cli_opt_get(const cli_verb *verb, const cli_args *args, const char *name) {
    static const cli_opt_value absent;
    const cli_opt *opt = find_long(verb, name, strlen(name));
    return opt != NULL ? &args->opts[opt - verb->opts] : &absent;
}
