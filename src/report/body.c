/* The report as text in the page: title, one card per claim, the board's questions, the account of
 * the evidence, warnings, how to repeat it, and what the words mean. It is plain HTML and needs no
 * script; the page's script adds the charts between these sections and takes nothing away.
 *
 * Sections come in the order in which a reader needs them: what was found, then why it can be
 * believed. Sentences of claims and answers are the trial's own; nothing is rephrased here.
 *
 * Called by page.c. Never prints an unescaped text of the case, never a value that is withheld. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "html_out.h"
#include "onus/alloc.h"
#include "onus/version.h"
#include "report_internal.h"

/* Word, CSS class, icon (24 x 24 path) and meaning of each verdict: never colour alone. */
static const struct {
    const char *word;
    const char *css;
    const char *icon;
    const char *meaning;
} VERDICTS[] = {
    [ONUS_VERDICT_SUPPORTED] = {"Supported", "supported", "M5 12.5l4.5 4.5L19 7.5",
                                "The whole interval lies on the claim\u2019s side of its bound."},
    [ONUS_VERDICT_CONTRADICTED] = {"Contradicted", "contradicted", "M6 6l12 12M18 6L6 18",
                                   "The whole interval lies on the other side of the bound."},
    [ONUS_VERDICT_NOT_SHOWN] =
        {"Not shown", "not-shown", "M4 10c3-4 5 2 8 0s5-4 8 0M4 16c3-4 5 2 8 0s5-4 8 0",
         "The interval straddles the bound: this evidence shows neither. The "
         "smallest difference that it could have shown is named."},
    [ONUS_VERDICT_NOT_TESTABLE] = {"Not testable", "not-testable", "M5 12h3M10.5 12h3M16 12h3",
                                   "Evidence that the test needs is missing, and it is named."},
};
enum { N_VERDICTS = sizeof VERDICTS / sizeof VERDICTS[0] };

static void put_icon(onus_text *out, const char *path) {
    onus_text_addf(out,
                   "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" "
                   "focusable=\"false\"><path d=\"%s\"/></svg>",
                   path);
}

static void put_verdict_tally(onus_text *out, const onus_result *result) {
    size_t tally[N_VERDICTS] = {0};
    for (size_t i = 0; i < result->n_claims; i++) {
        tally[result->claims[i].verdict]++;
    }
    onus_text_addf(out, "%zu claim%s judged", result->n_claims, result->n_claims == 1 ? "" : "s");
    const char *separator = ": ";
    for (size_t v = 0; v < N_VERDICTS; v++) {
        if (tally[v] > 0) {
            onus_text_addf(out, "%s%zu %s", separator, tally[v],
                           onus_verdict_text((onus_verdict)v));
            separator = ", ";
        }
    }
    onus_text_add(out, ".");
}

static void put_header(onus_text *out, const onus_result *result) {
    const onus_case *c = result->c;
    onus_text_add(out,
                  "<header class=\"top\"><p class=\"brand\"><b>Onus</b> report of a trial</p>");
    onus_html_element(out, "h1", NULL, c->title);
    onus_text_add(out, "<p class=\"lede\">");
    if (result->n_claims > 0) {
        put_verdict_tally(out, result);
    } else {
        onus_text_add(out, "The case makes no claim, so nothing was judged.");
    }
    if (c->has_period) {
        onus_text_add(out, " Period ");
        onus_html_element(out, "span", "whole", c->period_from);
        onus_text_add(out, " to ");
        onus_html_element(out, "span", "whole", c->period_until);
        onus_text_add(out, " (the last day not included).");
    }
    onus_text_add(out, "</p></header>\n");
}

/* ---- claims ---- */

static const char *unit_of_claim(const onus_result *result, const onus_claim *claim) {
    return claim->n_measures == 0 ? "value"
                                  : onus_result_measure(result, claim->measures[0])->def->unit;
}

static void put_term(onus_text *out, const char *term) {
    onus_text_add(out, "<div>");
    onus_html_element(out, "dt", NULL, term);
    onus_text_add(out, "<dd>");
}

/* An end of an interval; an interval may be open on one side. */
static void put_limit(onus_text *out, double limit, const char *unit) {
    if (isfinite(limit)) {
        onus_html_figure(out, limit, unit);
    } else {
        onus_text_add(out, "unbounded");
    }
}

/* How many of the sources of uncertainty could be had: a verdict that rests on one of three is
 * weaker than one that rests on all. */
static void put_claim_sources(onus_text *out, const onus_result *result, const onus_claim *claim) {
    size_t n_asked = 0;
    size_t n_had = 0;
    for (size_t i = 0; i < claim->n_measures; i++) {
        const onus_measure *m = onus_result_measure(result, claim->measures[i]);
        if (onus_scope_text(&m->scope, "source") != NULL) {
            n_asked++;
            n_had += m->interval.given ? 1 : 0;
        }
    }
    if (n_asked > 0) {
        put_term(out, "Rests on");
        onus_text_addf(out,
                       "%zu of %zu intervals <span class=\"of\">by source of uncertainty</span>",
                       n_had, n_asked);
        onus_text_add(out, "</dd></div>");
    }
}

static void put_claim_figures(onus_text *out, const onus_result *result, const onus_claim *claim) {
    const char *unit = unit_of_claim(result, claim);
    onus_text_add(out, "<dl class=\"figures\">");
    put_term(out, "Claimed");
    if (claim->ref->has_at_least) {
        onus_text_add(out, "at least ");
        onus_html_figure(out, claim->ref->at_least, unit);
    }
    if (claim->ref->has_at_most) {
        onus_text_add(out, claim->ref->has_at_least ? ", at most " : "at most ");
        onus_html_figure(out, claim->ref->at_most, unit);
    }
    onus_text_add(out, "</dd></div>");
    if (claim->has_value) {
        put_term(out, "Found");
        onus_html_figure(out, claim->value, unit);
        if (claim->has_fraction) {
            onus_text_add(out, " <span class=\"of\">(");
            onus_html_figure(out, claim->num, "count");
            onus_text_add(out, strcmp(unit, "ratio") == 0 ? " against " : " of ");
            onus_html_figure(out, claim->den, "count");
            onus_text_add(out, ")</span>");
        }
        onus_text_add(out, "</dd></div>");
    }
    if (claim->interval.given) {
        put_term(out, "Widest interval");
        put_limit(out, claim->interval.low, unit);
        onus_text_add(out, " to ");
        put_limit(out, claim->interval.high, unit);
        onus_text_add(out, " <span class=\"of\">");
        onus_html_decimal(out, claim->interval.level * 100.0, 0);
        onus_text_add(out, " %, ");
        onus_report_html_escape(out, claim->interval.method);
        onus_text_add(out, "</span></dd></div>");
    }
    put_claim_sources(out, result, claim);
    if (claim->has_detectable) {
        put_term(out, "Could have shown");
        onus_text_add(out, "a difference of ");
        onus_html_figure(out, claim->detectable, unit);
        onus_text_add(out, " from the bound <span class=\"of\">80 % power</span></dd></div>");
    }
    if (claim->has_p) {
        put_term(out, "Before correction");
        onus_report_html_escape(out, onus_verdict_text(claim->verdict_raw));
        onus_text_add(out, ", ");
        onus_html_p(out, "p", claim->p_value);
        onus_text_add(out, "</dd></div>");
        put_term(out, "After Holm");
        onus_html_p(out, "p", claim->p_holm);
        onus_text_addf(out, " <span class=\"of\">over %zu claim%s</span></dd></div>",
                       result->n_claims, result->n_claims == 1 ? "" : "s");
    }
    onus_text_add(out, "<div class=\"whole\"><dt>Measure</dt><dd>");
    onus_html_element(out, "code", NULL, claim->ref->measure);
    for (size_t i = 0; i < claim->ref->n_scope; i++) {
        onus_text_add(out, i == 0 ? " <span class=\"of\">" : ", ");
        onus_report_html_escape(out, claim->ref->scope[i].key);
        onus_text_add(out, ": ");
        onus_report_html_escape(out, claim->ref->scope[i].text);
    }
    onus_text_add(out, claim->ref->n_scope > 0 ? "</span></dd></div></dl>" : "</dd></div></dl>");
}

static void put_claims(onus_text *out, const onus_result *result) {
    onus_text_add(out, "<section id=\"verdicts\" aria-labelledby=\"h-verdicts\">"
                       "<h2 id=\"h-verdicts\" class=\"visually-hidden\">Verdicts</h2>");
    if (result->n_claims == 0) {
        onus_text_add(out,
                      "<p class=\"sentence\">There is no verdict: the case names no claim, only "
                      "measures and questions.</p></section>\n");
        return;
    }
    onus_text_add(out, "<ol class=\"cards\">\n");
    for (size_t i = 0; i < result->n_claims; i++) {
        const onus_claim *claim = &result->claims[i];
        onus_text_addf(out, "<li class=\"card %s\"><p class=\"verdict\">",
                       VERDICTS[claim->verdict].css);
        put_icon(out, VERDICTS[claim->verdict].icon);
        onus_text_addf(out, "<span>%s</span></p>", VERDICTS[claim->verdict].word);
        onus_text_add(out, "<h3><span class=\"claimed\">The claim</span> <q>");
        onus_report_html_escape(out, claim->ref->say);
        onus_text_add(out, "</q></h3>");
        onus_html_element(out, "p", "sentence", claim->sentence);
        put_claim_figures(out, result, claim);
        if (claim->why != NULL && claim->why[0] != '\0') {
            onus_text_add(out, "<details><summary>What decided</summary>");
            onus_html_element(out, "p", NULL, claim->why);
            onus_text_add(out, "</details>");
        }
        onus_text_add(out, "</li>\n");
    }
    onus_text_add(out,
                  "</ol><details class=\"words\"><summary>What the four verdicts mean</summary>"
                  "<dl>");
    for (size_t v = 0; v < N_VERDICTS; v++) {
        onus_text_addf(out, "<div class=\"%s\"><dt>", VERDICTS[v].css);
        put_icon(out, VERDICTS[v].icon);
        onus_text_addf(out, "%s</dt><dd>%s</dd></div>", VERDICTS[v].word, VERDICTS[v].meaning);
    }
    onus_text_add(out,
                  "</dl><p>A verdict is about one claim and one body of evidence. Nothing here "
                  "certifies a product.</p></details></section>\n");
}

/* ---- the board's questions ---- */

static void put_questions(onus_text *out, const onus_result *result) {
    const onus_question *questions = result->questions.items;
    const size_t n = result->questions.n_items;
    if (n == 0) {
        return;
    }
    size_t n_testable = 0;
    for (size_t i = 0; i < n; i++) {
        n_testable += strcmp(questions[i].grade, "not testable") != 0;
    }
    onus_text_addf(out,
                   "<section id=\"questions\" aria-labelledby=\"h-questions\">"
                   "<h2 id=\"h-questions\">The board\u2019s questions</h2>"
                   "<p class=\"note\">%zu of %zu can be tested with this evidence. For the others, "
                   "what is missing is named.</p><ol class=\"questions\">\n",
                   n_testable, n);
    /* a case has some fifteen questions: pick the next number in turn */
    int last = 0;
    for (size_t done = 0; done < n; done++) {
        const onus_question *next = NULL;
        for (size_t i = 0; i < n; i++) {
            if (questions[i].n > last && (next == NULL || questions[i].n < next->n)) {
                next = &questions[i];
            }
        }
        if (next == NULL) {
            break;
        }
        last = next->n;
        char css[32] = "answered";
        for (size_t v = 0; v < N_VERDICTS; v++) {
            if (strcmp(next->grade, onus_verdict_text((onus_verdict)v)) == 0) {
                (void)snprintf(css, sizeof css, "%s", VERDICTS[v].css);
            }
        }
        onus_text_addf(out,
                       "<li id=\"question-%d\" class=\"%s\"><span class=\"n\">%d</span><div><h3>",
                       next->n, css, next->n);
        onus_report_html_escape(out, next->ask);
        onus_text_add(out, " <span class=\"grade\">");
        onus_report_html_escape(out, next->grade);
        onus_text_add(out, "</span></h3>");
        onus_html_element(out, "p", NULL, next->answer);
        onus_text_add(out, "</div></li>\n");
    }
    onus_text_add(out, "</ol></section>\n");
}

/* ---- the account ---- */

static void put_account_bar(onus_text *out, const onus_input *input) {
    if (input->rows == 0) {
        return;
    }
    /* a fraction of the width as an attribute of SVG: no style is computed from data */
    const double used = (double)input->used / (double)input->rows * 100.0;
    onus_text_add(out, "<svg class=\"bar\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" "
                       "aria-hidden=\"true\" focusable=\"false\"><rect class=\"all\" width=\"100\" "
                       "height=\"4\"/><rect class=\"used\" width=\"");
    onus_html_decimal(out, used, 2);
    onus_text_add(out, "\" height=\"4\"/></svg>");
}

static void put_evidence(onus_text *out, const onus_result *result) {
    const onus_evidence *evidence = result->evidence;
    const size_t n = evidence == NULL ? 0 : evidence->inputs.n_items;
    if (n == 0) {
        return;
    }
    onus_text_add(
        out,
        "<section id=\"evidence\" aria-labelledby=\"h-evidence\"><h2 id=\"h-evidence\">The "
        "evidence, "
        "row by row</h2><p class=\"note\">No row is dropped in silence: rows read = rows used + "
        "rows "
        "left out.</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-labelledby=\"h-evidence\"><table class=\"account\"><thead><tr><th scope=\"col\">Input"
        "</th><th scope=\"col\" class=\"num\">Rows</th><th scope=\"col\" class=\"num\">Used</th>"
        "<th scope=\"col\">Left out, and why</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++) {
        const onus_input *input = (const onus_input *)evidence->inputs.items + i;
        onus_text_add(out, "<tr><th scope=\"row\">");
        onus_report_html_escape(out, input->role);
        onus_text_add(out, "<br><code>");
        onus_report_html_escape(out, input->file);
        onus_text_add(out, "</code></th><td class=\"num\">");
        onus_html_count(out, input->rows);
        onus_text_add(out, "</td><td class=\"num\">");
        onus_html_count(out, input->used);
        put_account_bar(out, input);
        onus_text_add(out, "</td><td>");
        if (input->n_excluded == 0) {
            onus_text_add(out, "none");
        } else {
            onus_text_add(out, "<ul>");
            for (size_t j = 0; j < input->n_excluded; j++) {
                onus_text_add(out, "<li>");
                onus_html_count(out, input->excluded[j].rows);
                onus_text_add(out, " ");
                onus_report_html_escape(out, input->excluded[j].reason);
                if (input->excluded[j].by_choice) {
                    onus_text_add(out, " <span class=\"of\">by choice or rule</span>");
                }
                onus_text_add(out, "</li>");
            }
            onus_text_add(out, "</ul>");
        }
        onus_text_add(out, "</td></tr>\n");
    }
    onus_text_add(out, "</tbody></table></div>");
    if (result->n_suppressed > 0) {
        onus_text_add(out, "<p class=\"note\">");
        onus_html_count(out, result->n_suppressed);
        onus_text_addf(
            out,
            " cell%s of the published tables %s withheld: counts of people under %" PRIu32
            ", and those that would give one back by subtraction.</p>",
            result->n_suppressed == 1 ? "" : "s", result->n_suppressed == 1 ? "is" : "are",
            result->c->protocol.suppress_below);
    }
    onus_text_add(out, "</section>\n");
}

static onus_status put_warnings(onus_text *out, const onus_result *result) {
    onus_report_warning *warnings = NULL;
    size_t n = 0;
    const onus_status status = onus_report_warnings(result, &warnings, &n);
    if (status != ONUS_OK || n == 0) {
        onus_free(warnings);
        return status;
    }
    onus_text_add(out, "<section id=\"warnings\" aria-labelledby=\"h-warnings\">"
                       "<h2 id=\"h-warnings\">Read with care</h2><ul class=\"warnings\">\n");
    for (size_t i = 0; i < n; i++) {
        onus_html_element(out, "li", NULL, warnings[i].text);
    }
    onus_text_add(out, "</ul></section>\n");
    onus_free(warnings);
    return ONUS_OK;
}

/* ---- how to repeat it ---- */

static void put_file(onus_text *out, const char *role, const char *file, const char *sha256) {
    onus_text_add(out, "<tr><th scope=\"row\">");
    onus_report_html_escape(out, role);
    onus_text_add(out, "</th><td><code>");
    onus_report_html_escape(out, file);
    onus_text_add(out, "</code></td><td><code class=\"hash\">");
    onus_report_html_escape(out, sha256[0] == '\0' ? "none: a database connection" : sha256);
    onus_text_add(out, "</code></td></tr>\n");
}

static void put_repeat(onus_text *out, const onus_result *result, const char *command) {
    const onus_case *c = result->c;
    onus_text_add(out,
                  "<section id=\"repeat\" aria-labelledby=\"h-repeat\"><h2 id=\"h-repeat\">Repeat "
                  "it yourself</h2><p class=\"note\">The same case and program give the same "
                  "results.json, byte by byte, on any number of processors.</p>");
    if (command != NULL) {
        onus_text_add(out, "<pre tabindex=\"0\" aria-label=\"The exact command\"><code>");
        onus_report_html_escape(out, command);
        onus_text_add(out, "</code></pre>");
    }
    onus_text_addf(out,
                   "<p class=\"note\">Onus %s, random numbers scheme %d, seed %" PRIu64 ", %" PRIu32
                   " replicates",
                   onus_version(), (int)ONUS_RNG_SCHEME, c->protocol.seed,
                   c->protocol.n_replicates);
    onus_report_library libraries[ONUS_REPORT_LIBRARIES_MAX];
    onus_report_libraries(libraries);
    for (size_t i = 0; i < ONUS_REPORT_LIBRARIES_MAX && libraries[i].name != NULL; i++) {
        onus_text_addf(out, "%s%s ", i == 0 ? ". Libraries: " : ", ", libraries[i].name);
        onus_report_html_escape(out, libraries[i].version);
    }
    onus_text_add(out, ".</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                       "aria-label=\"Inputs and their digests\"><table class=\"inputs\"><thead><tr>"
                       "<th scope=\"col\">Input</th><th scope=\"col\">File</th>"
                       "<th scope=\"col\">SHA-256</th></tr></thead><tbody>\n");
    put_file(out, "case", c->path == NULL ? "" : onus_path_base(c->path), c->sha256);
    const size_t n = result->evidence == NULL ? 0 : result->evidence->inputs.n_items;
    for (size_t i = 0; i < n; i++) {
        const onus_input *input = (const onus_input *)result->evidence->inputs.items + i;
        put_file(out, input->role, input->file, input->sha256);
    }
    onus_text_addf(
        out,
        "</tbody></table></div><p class=\"note\">Beside this page: <code>results.json</code> "
        "with every figure unrounded, <code>tables/</code> for a spreadsheet%s.</p>"
        "</section>\n",
        result->areas.layer == NULL ? "" : ", <code>areas.gpkg</code> for a map program");
}

static onus_status put_glossary(onus_text *out, const onus_result *result) {
    const onus_measure_def **defs = NULL;
    size_t n = 0;
    const onus_status status = onus_report_definitions(result, &defs, &n);
    if (status != ONUS_OK) {
        return status;
    }
    onus_text_add(out,
                  "<section id=\"glossary\" aria-labelledby=\"h-glossary\">"
                  "<h2 id=\"h-glossary\">What is measured, exactly</h2><dl class=\"glossary\">\n");
    for (size_t i = 0; i < n; i++) {
        onus_text_add(out, "<div id=\"def-");
        onus_report_html_escape(out, defs[i]->id);
        onus_text_add(out, "\"><dt>");
        onus_report_html_escape(out, defs[i]->title);
        onus_text_add(out, " <code>");
        onus_report_html_escape(out, defs[i]->id);
        onus_text_add(out, "</code></dt><dd>");
        onus_report_html_escape(out, defs[i]->definition);
        if (defs[i]->interval != NULL) {
            onus_text_add(out, " <span class=\"of\">Interval: ");
            onus_report_html_escape(out, defs[i]->interval);
            onus_text_add(out, ".</span>");
        }
        if (defs[i]->reference != NULL && strcmp(defs[i]->reference, "-") != 0) {
            onus_text_add(out, " <span class=\"of\">Source: ");
            onus_report_html_escape(out, defs[i]->reference);
            onus_text_add(out, ".</span>");
        }
        onus_text_add(out, "</dd></div>\n");
    }
    onus_text_add(out, "</dl></section>\n");
    onus_free(defs);
    return ONUS_OK;
}

onus_status onus_report_body(const onus_result *result, const char *command, onus_text *out,
                             onus_error *err) {
    onus_status status = ONUS_OK;
    put_header(out, result);
    onus_text_add(out, "<main id=\"main\">\n");
    put_claims(out, result);
    onus_text_add(out,
                  "<div id=\"charts\"></div><noscript><p class=\"note\">The charts need a script. "
                  "Their figures are in <code>tables/</code> beside this page.</p></noscript>\n");
    onus_report_feedback(result, out);
    onus_report_series(result, out);
    put_questions(out, result);
    ONUS_TRY(put_warnings(out, result));
    put_evidence(out, result);
    onus_text_add(out, "<div id=\"more\"></div>\n");
    put_repeat(out, result, command);
    ONUS_TRY(put_glossary(out, result));
    onus_text_add(out,
                  "</main>\n<footer><p>Onus tests technology that is sold to police; it operates "
                  "none. Free software under the GNU General Public License, version 3 or later."
                  "</p></footer>\n");
    if (out->failed) {
        status = ONUS_ERR_NOMEM;
    }
out:
    return status == ONUS_ERR_NOMEM ? onus_fail_nomem(err) : status;
}
