/* onus explain: what a measure or a key of a case file means.
 *
 * Prints rows of the two tables that the program itself works from: the trials' measure tables and
 * the schema of case files. docs/measures.md and docs/case-keys.md are the same rows as Markdown. A
 * word may be a whole id or key, the last part of a key ("replicates"), or a family ("burden"). It
 * never reads a case. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#include "onus/alloc.h"
#include "onus/case.h"
#include "onus/text.h"

enum { NAME_WIDTH = 34, WRAP_WIDTH = 96, INDENT = 14 };

/* The last part of a key: "replicates" of "protocol.resample.replicates". */
static const char *last_part(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot != NULL ? dot + 1 : path;
}

/* Tables write "-" where there is nothing to say. */
static bool is_empty(const char *text) {
    return text == NULL || text[0] == '\0' || strcmp(text, "-") == 0;
}

/* "label         text", broken at blanks so that lines stay readable on a terminal. */
static void print_field(const char *label, const char *text) {
    if (is_empty(text)) {
        return;
    }
    printf("%-*s", INDENT, label);
    size_t column = INDENT;
    const char *word = text;
    while (*word != '\0') {
        const size_t len = strcspn(word, " ");
        if (column + len > WRAP_WIDTH && column > INDENT) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        }
        printf("%.*s", (int)len, word);
        column += len;
        word += len;
        if (*word == ' ') {
            word++;
            if (*word != '\0' && column + 1 + strcspn(word, " ") <= WRAP_WIDTH) {
                putchar(' ');
                column++;
            } else if (*word != '\0') {
                printf("\n%*s", INDENT, "");
                column = INDENT;
            }
        }
    }
    putchar('\n');
}

static void print_measure(const onus_measure_def *def) {
    printf("%s: %s\n\n", def->id, def->title);
    print_field("unit", def->unit);
    print_field("definition", def->definition);
    print_field("interval", def->interval);
    print_field("scope", def->scope_keys);
    print_field("reference", def->reference);
}

static void print_key(const onus_case_key *key) {
    printf("%s\n\n", key->path);
    print_field("in cases of", key->kinds);
    print_field("type", key->type);
    print_field("default", key->required ? "none; the key is required" : key->dfault);
    print_field("meaning", key->doc);
    putchar('\n');
}

/* Case files of one kind share most keys; the reader of one kind wants those, in this order. */
static const struct {
    const char *kinds;
    const char *title;
} key_groups[] = {
    {"place match affect", "Keys of every case"},
    {"place", "Keys of place cases"},
    {"match", "Keys of match cases (this version reads them, a later one will try them)"},
    {"affect", "Keys of affect cases (this version reads them, a later one will try them)"},
    {NULL, "Keys of some kinds of cases"}, /* whatever else there is */
};
enum { N_KEY_GROUPS = sizeof key_groups / sizeof key_groups[0] };

static bool in_group(const onus_case_key *key, size_t group) {
    if (key_groups[group].kinds != NULL) {
        return strcmp(key->kinds, key_groups[group].kinds) == 0;
    }
    for (size_t g = 0; g + 1 < N_KEY_GROUPS; g++) {
        if (in_group(key, g)) {
            return false;
        }
    }
    return true;
}

/* Calls print for every key of a group, with the title before the first. */
static void each_key(const onus_case_key *keys, size_t n_keys, size_t group,
                     void (*head)(const char *title), void (*print)(const onus_case_key *key)) {
    bool titled = false;
    for (size_t i = 0; i < n_keys; i++) {
        if (in_group(&keys[i], group)) {
            if (!titled) {
                head(key_groups[group].title);
                titled = true;
            }
            print(&keys[i]);
        }
    }
}

static void list_title(const char *title) {
    printf("\n%s:\n", title);
}

static void list_key(const onus_case_key *key) {
    printf("  %-*s %s\n", NAME_WIDTH, key->path, key->type);
}

static void list_all(const onus_measure_def *defs, size_t n_defs, const onus_case_key *keys,
                     size_t n_keys) {
    puts("Measures:");
    for (size_t i = 0; i < n_defs; i++) {
        printf("  %-*s %s\n", NAME_WIDTH, defs[i].id, defs[i].title);
    }
    for (size_t g = 0; g < N_KEY_GROUPS; g++) {
        each_key(keys, n_keys, g, list_title, list_key);
    }
}

/* Markdown reads "|" as the edge of a table's cell, "_" and "*" as emphasis only between words. */
static void print_markdown_text(const char *text) {
    for (const char *c = text != NULL ? text : ""; *c != '\0'; c++) {
        if (*c == '|' || *c == '<' || *c == '*') {
            putchar('\\');
        }
        putchar(*c);
    }
}

static void print_markdown_field(const char *label, const char *text) {
    if (!is_empty(text)) {
        printf("- **%s**: ", label);
        print_markdown_text(text);
        putchar('\n');
    }
}

static void markdown_measures(const onus_measure_def *defs, size_t n_defs) {
    puts("# Measures\n\nMade by `onus explain --markdown measures` from the program's own table; a "
         "test compares the two.\n`onus explain ID` prints one of them.");
    for (size_t i = 0; i < n_defs; i++) {
        printf("\n## %s\n", defs[i].id);
        print_markdown_text(defs[i].title);
        puts(".\n");
        print_markdown_field("Unit", defs[i].unit);
        print_markdown_field("Definition", defs[i].definition);
        print_markdown_field("Interval", defs[i].interval);
        print_markdown_field("Scope", defs[i].scope_keys);
        print_markdown_field("Reference", defs[i].reference);
    }
}

static void markdown_title(const char *title) {
    printf("\n## %s\n\n| key | type | default | meaning |\n|---|---|---|---|\n", title);
}

static void markdown_key(const onus_case_key *key) {
    printf("| `%s` | ", key->path);
    print_markdown_text(key->type);
    fputs(" | ", stdout);
    print_markdown_text(key->required ? "required" : key->dfault);
    fputs(" | ", stdout);
    print_markdown_text(key->doc);
    puts(" |");
}

static void markdown_keys(const onus_case_key *keys, size_t n_keys) {
    puts(
        "# Keys of case files\n\nMade by `onus explain --markdown keys` from the schema that reads "
        "case files; a test compares the two.\n`onus explain KEY` prints one of them.");
    for (size_t g = 0; g < N_KEY_GROUPS; g++) {
        each_key(keys, n_keys, g, markdown_title, markdown_key);
    }
}

static bool is_family(const char *id, const char *word) {
    const size_t len = strlen(word);
    return strncmp(id, word, len) == 0 && (id[len] == '.' || id[len] == '[');
}

/* Rows that `word` names: prints one in full, several as a list. @return how many */
static size_t explain_measures(const char *word, const onus_measure_def *defs, size_t n_defs) {
    size_t n_found = 0;
    for (size_t i = 0; i < n_defs; i++) {
        if (strcmp(defs[i].id, word) == 0) {
            print_measure(&defs[i]);
            return 1;
        }
    }
    for (size_t i = 0; i < n_defs; i++) {
        if (is_family(defs[i].id, word)) {
            printf("%-*s %s\n", NAME_WIDTH, defs[i].id, defs[i].title);
            n_found++;
        }
    }
    return n_found;
}

static size_t explain_keys(const char *word, const onus_case_key *keys, size_t n_keys) {
    size_t n_exact = 0;
    size_t n_near = 0;
    const onus_case_key *near = NULL;
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].path, word) == 0) { /* more than once where kinds differ */
            print_key(&keys[i]);
            n_exact++;
        } else if (strcmp(last_part(keys[i].path), word) == 0 || is_family(keys[i].path, word)) {
            near = &keys[i];
            n_near++;
        }
    }
    if (n_exact == 0 && n_near == 1) {
        print_key(near);
        return 1;
    }
    for (size_t i = 0; i < n_keys; i++) {
        const bool ends_so = n_exact == 0 && strcmp(last_part(keys[i].path), word) == 0;
        if (ends_so || is_family(keys[i].path, word)) {
            list_key(&keys[i]);
        }
    }
    return n_exact + n_near;
}

static int explain_unknown(const cli_env *cli, const char *word, const onus_measure_def *defs,
                           size_t n_defs, const onus_case_key *keys, size_t n_keys) {
    const size_t n_names = n_defs + 2 * n_keys;
    const char **names = onus_alloc_n(n_names, sizeof *names);
    const char *nearest = NULL;
    if (names != NULL) {
        for (size_t i = 0; i < n_defs; i++) {
            names[i] = defs[i].id;
        }
        for (size_t i = 0; i < n_keys; i++) {
            names[n_defs + i] = keys[i].path;
            names[n_defs + n_keys + i] = last_part(keys[i].path);
        }
        nearest = onus_text_nearest(word, names, n_names);
    }
    const int exit_code =
        nearest != NULL
            ? cli_usage(cli, "no measure and no key is called '%s'; did you mean '%s'?", word,
                        nearest)
            : cli_usage(cli, "no measure and no key is called '%s'; 'onus explain' lists all",
                        word);
    onus_free(names);
    return exit_code;
}

static int explain(cli_env *cli, const cli_args *args, const onus_measure_def *defs,
                   size_t n_defs) {
    size_t n_keys = 0;
    const onus_case_key *keys = onus_case_keys(&n_keys);
    const cli_opt_value *markdown = cli_opt_get(cli->verb, args, "markdown");
    if (markdown->given) {
        if (strcmp(markdown->text, "measures") == 0) {
            markdown_measures(defs, n_defs);
        } else if (strcmp(markdown->text, "keys") == 0) {
            markdown_keys(keys, n_keys);
        } else {
            return cli_usage(cli, "option '--markdown' is '%s', not measures or keys",
                             markdown->text);
        }
        return 0;
    }
    if (args->n_args == 0) {
        list_all(defs, n_defs, keys, n_keys);
        return 0;
    }
    const char *word = args->args[0];
    if (explain_measures(word, defs, n_defs) + explain_keys(word, keys, n_keys) == 0) {
        return explain_unknown(cli, word, defs, n_defs, keys, n_keys);
    }
    return 0;
}

int cmd_explain(cli_env *cli, const cli_args *args) {
    if (cli_opt_get(cli->verb, args, "schema")->given) {
        char *schema = onus_case_json_schema();
        if (schema == NULL) {
            return cli_fail_run(cli, ONUS_ERR_NOMEM, &(const onus_problems){0}, NULL);
        }
        fputs(schema, stdout);
        onus_free(schema);
        return 0;
    }
    size_t n_defs = 0;
    onus_measure_def *defs = cli_measures(&n_defs);
    const int exit_code = defs != NULL
                              ? explain(cli, args, defs, n_defs)
                              : cli_fail_run(cli, ONUS_ERR_NOMEM, &(const onus_problems){0}, NULL);
    onus_free(defs);
    return exit_code;
}
