/* index.html: the template that viewer/ builds (markup, style, script), filled with this result.
 *
 * The template is part of the program (page_asset.S). It holds each of four marks once:
 *
 *     @@onus:title@@    the case's title, escaped
 *     @@onus:body@@     the report as text, for readers without a script and for the script's
 * charts
 *     @@onus:results@@  results.json inside a script element of type application/json
 *     @@onus:areas@@    the map, likewise
 *
 * In a script element only "<" can do harm ("</script", "<!--"), and in JSON it stands only inside
 * strings: it is written as a \u escape, which changes no value. Called by report.c. Never fetches
 * anything and never lets the page do so: its Content-Security-Policy is in the template. */
#include <string.h>

#include "html_out.h"
#include "report_internal.h"

extern const char onus_report_page_start[];
extern const char onus_report_page_end[];

static void add_json(onus_text *out, const char *json) {
    while (*json != '\0') {
        const size_t plain = strcspn(json, "<");
        onus_text_add_len(out, json, plain);
        json += plain;
        if (*json == '<') {
            onus_text_add(out, "\\u003c");
            json++;
        }
    }
}

onus_status onus_report_page(const onus_result *result, const char *json, const char *command,
                             onus_text *out, onus_error *err) {
    enum { TITLE, BODY, RESULTS, AREAS, N_MARKS };
    static const char *const marks[N_MARKS] = {"@@onus:title@@", "@@onus:body@@",
                                               "@@onus:results@@", "@@onus:areas@@"};
    onus_status status = ONUS_OK;
    onus_text body = {0};
    onus_text map = {0};
    ONUS_TRY(onus_report_body(result, command, &body, err));
    ONUS_TRY(onus_report_map(result, &map, err));
    if (body.failed || map.failed) {
        status = onus_fail_nomem(err);
        goto out;
    }

    bool used[N_MARKS] = {false};
    const char *from = onus_report_page_start;
    const char *const end = onus_report_page_end;
    while (from < end) {
        const char *at = memmem(from, (size_t)(end - from), "@@onus:", strlen("@@onus:"));
        if (at == NULL) {
            break;
        }
        onus_text_add_len(out, from, (size_t)(at - from));
        size_t mark = 0;
        while (mark < N_MARKS && ((size_t)(end - at) < strlen(marks[mark]) ||
                                  memcmp(at, marks[mark], strlen(marks[mark])) != 0)) {
            mark++;
        }
        if (mark == N_MARKS || used[mark]) {
            status = onus_bug(err, "the page's template has a mark that is unknown or repeated");
            goto out;
        }
        used[mark] = true;
        if (mark == TITLE) {
            onus_report_html_escape(out, result->c->title);
        } else if (mark == BODY) {
            onus_text_add_len(out, body.data, body.len);
        } else {
            add_json(out, mark == RESULTS ? json : map.data);
        }
        from = at + strlen(marks[mark]);
    }
    onus_text_add_len(out, from, (size_t)(end - from));
    for (size_t i = 0; i < N_MARKS; i++) {
        if (!used[i]) {
            status = onus_bug(err, "the page's template lacks a mark");
            goto out;
        }
    }
    if (out->failed) {
        status = onus_fail_nomem(err);
    }
out:
    onus_text_clear(&body);
    onus_text_clear(&map);
    return status;
}
