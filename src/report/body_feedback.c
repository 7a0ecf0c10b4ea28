/* Does it feed itself, for readers without a script: the tables under the charts of that section,
 * as plain HTML inside <noscript>, so that nobody reads them twice.
 *
 * One row a simulation (what feeding back adds, and both loops side by side), one a simulation and
 * group, one an area of the urn; all at the last horizon. The figures are the measures, and the
 * words for a simulation are those of the verdicts. Called by body.c. Never computes a figure,
 * never prints one that is withheld. */
#include <math.h>
#include <string.h>

#include "html_out.h"
#include "report_internal.h"

static const double *number_of(const onus_scope *scope, const char *key) {
    for (size_t i = 0; i < scope->n_items; i++) {
        if (strcmp(scope->items[i].key, key) == 0 && scope->items[i].text == NULL) {
            return &scope->items[i].number;
        }
    }
    return NULL;
}

static bool is_text(const onus_scope *scope, const char *key, const char *wanted) {
    const char *text = onus_scope_text(scope, key);
    return wanted == NULL ? text == NULL : text != NULL && strcmp(text, wanted) == 0;
}

static bool same_scope(const onus_scope *a, const onus_scope *b) {
    bool same = a->n_items == b->n_items; /* keys are sorted */
    for (size_t i = 0; i < a->n_items && same; i++) {
        const char *x = a->items[i].text;
        const char *y = b->items[i].text;
        same = strcmp(a->items[i].key, b->items[i].key) == 0 && (x == NULL) == (y == NULL) &&
               (x != NULL ? strcmp(x, y) == 0
                          : !(a->items[i].number < b->items[i].number) &&
                                !(a->items[i].number > b->items[i].number));
    }
    return same;
}

/* The measure of the same slice in one of its loops, or NULL. */
static const onus_measure *of_loop(const onus_result *result, const char *id,
                                   const onus_scope *slice, const char *loop) {
    onus_scope scope = *slice;
    onus_scope_set_text(&scope, "loop", loop);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        if (strcmp(m->def->id, id) == 0 && same_scope(&m->scope, &scope)) {
            return m;
        }
    }
    return NULL;
}

/* ---- cells of a table ---- */

static void put_value(onus_text *out, const onus_measure *m) {
    onus_text_add(out, "<td class=\"num\">");
    if (m != NULL && m->has_value && !m->withheld) {
        onus_html_figure(out, m->value, m->def->unit);
    } else if (m != NULL) {
        onus_report_html_escape(out, onus_report_reason(m));
    }
    onus_text_add(out, "</td>");
}

static void put_limit(onus_text *out, double limit, const char *unit) {
    if (isnan(limit)) {
        onus_text_add(out, "unbounded");
    } else {
        onus_html_figure(out, limit, unit);
    }
}

static void put_range(onus_text *out, const onus_measure *m) {
    onus_text_add(out, "<td class=\"num\">");
    if (m->interval.given && !m->withheld) {
        put_limit(out, m->interval.low, m->def->unit);
        onus_text_add(out, " to ");
        put_limit(out, m->interval.high, m->def->unit);
        if (m->interval.weak) {
            onus_text_add(out, " (carries no verdict)");
        }
    }
    onus_text_add(out, "</td>");
}

static void put_simulation(onus_text *out, const onus_scope *scope) {
    onus_text_add(out, "<tr><th scope=\"row\">");
    onus_text words = {0};
    if (onus_result_simulation_words(scope, &words)) {
        onus_report_html_escape(out, words.data);
    } else {
        onus_report_html_escape(out, onus_scope_text(scope, "policy"));
    }
    out->failed = out->failed || words.failed;
    onus_text_clear(&words);
    onus_text_add(out, "</th>");
}

static void open_table(onus_text *out, const char *title, const char *const *heads, size_t n,
                       size_t n_texts) {
    onus_html_element(out, "h3", NULL, title);
    onus_text_add(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    onus_report_html_escape(out, title);
    onus_text_add(out, "\"><table><thead><tr>");
    for (size_t i = 0; i < n; i++) {
        onus_text_add(out, i < n_texts ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"num\">");
        onus_report_html_escape(out, heads[i]);
        onus_text_add(out, "</th>");
    }
    onus_text_add(out, "</tr></thead><tbody>\n");
}

static void close_table(onus_text *out) {
    onus_text_add(out, "</tbody></table></div>\n");
}

/* ---- the three tables ---- */

/* Is this what feeding back adds in a simulation over cells, at the last horizon? */
static bool is_added(const onus_measure *m, double days, bool by_group) {
    const double *horizon = number_of(&m->scope, "horizon_days");
    return strcmp(m->def->id, "feedback.amplification") == 0 && horizon != NULL &&
           !(*horizon < days) && !is_text(&m->scope, "model", "urn") &&
           (onus_scope_text(&m->scope, "group") != NULL) == by_group;
}

static void put_simulations(onus_text *out, const onus_result *result, double days) {
    static const char *const HEADS[] = {"Simulation",
                                        "Feeding back adds",
                                        "Range of one further run",
                                        "Patrols that are not where incidents happen, fed back",
                                        "kept out of the record",
                                        "Places that ever see a patrol, fed back",
                                        "kept out of the record",
                                        "Places that see one every day, fed back",
                                        "kept out of the record"};
    static const char *const BESIDE[] = {"feedback.tv", "feedback.cells_ever",
                                         "feedback.cells_always"};
    open_table(out, "What feeding back adds, simulation by simulation", HEADS,
               sizeof HEADS / sizeof *HEADS, 1);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        if (is_added(m, days, false)) {
            put_simulation(out, &m->scope);
            put_value(out, m);
            put_range(out, m);
            for (size_t k = 0; k < sizeof BESIDE / sizeof *BESIDE; k++) {
                put_value(out, of_loop(result, BESIDE[k], &m->scope, "closed"));
                put_value(out, of_loop(result, BESIDE[k], &m->scope, "open"));
            }
            onus_text_add(out, "</tr>\n");
        }
    }
    close_table(out);
}

static void put_groups(onus_text *out, const onus_result *result, double days) {
    static const char *const HEADS[] = {"Simulation",
                                        "Counted among",
                                        "Group",
                                        "Patrols a day where a member lives, fed back",
                                        "kept out of the record",
                                        "Change by feeding back",
                                        "Range of one further run"};
    open_table(out, "Who gains and who loses patrols by it", HEADS, sizeof HEADS / sizeof *HEADS,
               3);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        if (is_added(m, days, true)) {
            put_simulation(out, &m->scope);
            onus_html_element(out, "td", NULL, onus_scope_text(&m->scope, "universe"));
            onus_html_element(out, "td", NULL, onus_scope_text(&m->scope, "group"));
            put_value(out, of_loop(result, "feedback.load", &m->scope, "closed"));
            put_value(out, of_loop(result, "feedback.load", &m->scope, "open"));
            put_value(out, m);
            put_range(out, m);
            onus_text_add(out, "</tr>\n");
        }
    }
    close_table(out);
}

static void put_urn(onus_text *out, const onus_result *result, double draws) {
    static const char *const HEADS[] = {"Area of the urn", "Repaired",
                                        "Share of attention, fed back", "kept out of the record",
                                        "Share of what happens"};
    open_table(out, "The urn, a textbook model: where attention ends up", HEADS,
               sizeof HEADS / sizeof *HEADS, 2);
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        const double *horizon = number_of(&m->scope, "horizon_days");
        if (strcmp(m->def->id, "feedback.share") != 0 || horizon == NULL || *horizon < draws ||
            !is_text(&m->scope, "loop", "closed") || !is_text(&m->scope, "law", NULL)) {
            continue;
        }
        onus_text_add(out, "<tr><th scope=\"row\">");
        onus_report_html_escape(out, onus_scope_text(&m->scope, "area"));
        onus_text_add(out, is_text(&m->scope, "repair", "yes") ? "</th><td>yes</td>"
                                                               : "</th><td>no</td>");
        put_value(out, m);
        put_value(out, of_loop(result, "feedback.share", &m->scope, "open"));
        put_value(out, of_loop(result, "feedback.share", &m->scope, "truth"));
        onus_text_add(out, "</tr>\n");
    }
    close_table(out);
}

void onus_report_feedback(const onus_result *result, onus_text *out) {
    double days = 0.0;  /* the last horizon of the simulations over cells; 0: none */
    double draws = 0.0; /* of the urn */
    bool has_groups = false;
    for (size_t i = 0; i < onus_result_n_measures(result); i++) {
        const onus_measure *m = onus_result_measure(result, i);
        const double *horizon = number_of(&m->scope, "horizon_days");
        if (strcmp(m->def->id, "feedback.amplification") == 0 && horizon != NULL) {
            double *last = is_text(&m->scope, "model", "urn") ? &draws : &days;
            *last = fmax(*last, *horizon);
            has_groups = has_groups || onus_scope_text(&m->scope, "group") != NULL;
        }
    }
    if (!(days > 0.0) && !(draws > 0.0)) {
        return;
    }
    onus_text_add(
        out, "<noscript><section aria-labelledby=\"h-simulated\"><h2 id=\"h-simulated\">Does it "
             "feed itself</h2><p class=\"note\">A simulation on the records of this case: "
             "patrols go where the record points, and what they find joins the record. Each "
             "run is played twice on the same luck, once with what patrols find kept out of "
             "it; the difference is what feeding back does. It is not what a police force "
             "did, and no simulated patrol is shown by place.</p>\n");
    if (days > 0.0) {
        put_simulations(out, result, days);
    }
    if (days > 0.0 && has_groups) {
        put_groups(out, result, days);
    }
    if (draws > 0.0) {
        put_urn(out, result, draws);
    }
    onus_text_add(out, "</section></noscript>\n");
}
