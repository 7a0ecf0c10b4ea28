/* What a match or affect trial draws, for readers without a script: the tables under its pictures,
 * as plain HTML inside <noscript>, so that nobody reads them twice.
 *
 * The idea: those pictures are each drawn from one series of the result, so a table here is a row
 * of TABLES: which series, its heading, and which columns under which words and in which unit. A
 * series that the trial did not make leaves no table. Called by body.c. Never computes a figure:
 * what was withheld is not in a series. */
#include <math.h>
#include <string.h>

#include "html_out.h"
#include "report_internal.h"

enum { COLUMNS_MAX = 9, ROWS_MAX = 400 };

typedef struct series_column {
    const char *name; /* in the series; NULL: no more columns */
    const char *head;
    const char *unit; /* NULL: a text */
} series_column;

typedef struct series_table {
    const char *series;
    const char *title;
    series_column columns[COLUMNS_MAX];
} series_table;

static const series_table AFFECT[] = {
    {"triangle",
     "Who says the same of the same item",
     {{"from", "Between", NULL},
      {"to", "and", NULL},
      {"stratum", "Of", NULL},
      {"same", "Same label", "count"},
      {"n", "Items", "count"},
      {"share", "Share", "share"},
      {"low", "From", "share"},
      {"high", "to", "share"},
      {"reason", "Why there is none", NULL}}},
    {"ladder",
     "Who is right how often",
     {{"against", "Held against", NULL},
      {"stratum", "Of", NULL},
      {"rung", "Who", NULL},
      {"num", "Right", "count"},
      {"den", "Items", "count"},
      {"value", "Share", "share"},
      {"low", "From", "share"},
      {"high", "to", "share"},
      {"reason", "Why there is none", NULL}}},
    {"confusion",
     "What was called what",
     {{"against", "Held against", NULL},
      {"stratum", "Of", NULL},
      {"reference", "It was", NULL},
      {"said", "The product said", NULL},
      {"n", "Items", "count"},
      {"share", "Share", "share"},
      {"low", "From", "share"},
      {"high", "to", "share"}}},
    {"recall",
     "Label by label",
     {{"against", "Held against", NULL},
      {"stratum", "Of", NULL},
      {"label", "Label", NULL},
      {"n", "Items that have it", "count"},
      {"recall", "Found", "share"},
      {"low", "From", "share"},
      {"high", "to", "share"},
      {"n_said", "Times said", "count"},
      {"precision", "Right when said", "share"}}},
    {"gaps",
     "Group by group",
     {{"against", "Held against", NULL},
      {"by", "By", NULL},
      {"group", "Group", NULL},
      {"reference", "less", NULL},
      {"standardised", "On equal labels", "share"},
      {"low", "From", "share"},
      {"high", "to", "share"},
      {"crude", "As it is", "share"},
      {"why", "Why they differ", NULL}}},
    {"agreement",
     "Do they agree among themselves",
     {{"between", "Between", NULL},
      {"stratum", "Of", NULL},
      {"coefficient", "Coefficient", NULL},
      {"value", "Value", "ratio"},
      {"low", "From", "ratio"},
      {"high", "to", "ratio"},
      {"units", "Items", "count"},
      {"votes", "Votes", "count"},
      {"reason", "Why there is none", NULL}}},
};

static const series_table MATCH[] = {
    {"group_matrix",
     "For whom it is wrong",
     {{"by", "By", NULL},
      {"pairs", "Comparisons", NULL},
      {"rate", "Rate", NULL},
      {"probe_group", "Group", NULL},
      {"reference_group", "and", NULL},
      {"errors", "Errors", "count"},
      {"comparisons", "of", "count"},
      {"value", "Share", "share"},
      {"state", "Note", NULL}}},
    {"trail_mixing",
     "How many people a trail holds",
     {{"people_in_trail", "People in the trail", "count"}, {"trails", "Trails", "count"}}},
    {"trail_hops",
     "How far an error travels",
     {{"hops", "Links followed", "count"},
      {"reached", "Trails that long", "count"},
      {"pure", "Still of one person", "count"},
      {"any_wrong", "With somebody else", "count"},
      {"people", "People in one", "people"},
      {"bystanders", "of them bystanders", "people"}}},
    {"deployment",
     "What it comes to in the use that is meant",
     {{"figure", "What", NULL},
      {"unit", "Counted in", NULL},
      {"value", "Expected", "number"},
      {"low", "From", "number"},
      {"high", "to", "number"}}},
};

static const onus_series *series_of(const onus_result *result, const char *name) {
    const onus_series *series = result->series.items;
    for (size_t i = 0; i < result->series.n_items; i++) {
        if (strcmp(series[i].name, name) == 0) {
            return &series[i];
        }
    }
    return NULL;
}

/* Index of a column, or n_columns. */
static size_t column_of(const onus_series *series, const char *name) {
    size_t k = 0;
    while (k < series->n_columns && strcmp(series->columns[k], name) != 0) {
        k++;
    }
    return k;
}

static void put_cell(onus_text *out, const onus_cell *cell, const char *unit, bool is_head) {
    onus_text_add(out, is_head        ? "<th scope=\"row\">"
                       : unit == NULL ? "<td>"
                                      : "<td class=\"num\">");
    if (cell->type == ONUS_CELL_TEXT) {
        for (const char *c = cell->text; *c != '\0';
             c++) { /* names of the program have no spaces */
            const char one[2] = {*c == '_' ? ' ' : *c, '\0'};
            onus_report_html_escape(out, one);
        }
    } else if (cell->type == ONUS_CELL_NUMBER) {
        /* shares of votes are no whole numbers */
        const double value = unit != NULL && strcmp(unit, "count") == 0
                                 ? round(10.0 * cell->number) / 10.0
                                 : cell->number;
        onus_html_figure(out, value, unit != NULL ? unit : "number");
    }
    onus_text_add(out, is_head ? "</th>" : "</td>");
}

static void put_table(onus_text *out, const series_table *table, const onus_series *series) {
    size_t at[COLUMNS_MAX];
    size_t n = 0;
    onus_html_element(out, "h3", NULL, table->title);
    onus_text_add(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    onus_report_html_escape(out, table->title);
    onus_text_add(out, "\"><table><thead><tr>");
    for (; n < COLUMNS_MAX && table->columns[n].name != NULL; n++) {
        const series_column *column = &table->columns[n];
        at[n] = column_of(series, column->name);
        onus_text_add(out, column->unit == NULL ? "<th scope=\"col\">"
                                                : "<th scope=\"col\" class=\"num\">");
        onus_report_html_escape(out, column->head);
        onus_text_add(out, "</th>");
    }
    onus_text_add(out, "</tr></thead><tbody>\n");
    const onus_cell *cells = series->cells.items;
    const size_t n_rows = series->cells.n_items / series->n_columns;
    for (size_t i = 0; i < n_rows && i < ROWS_MAX; i++) {
        onus_text_add(out, "<tr>");
        for (size_t k = 0; k < n; k++) {
            static const onus_cell none = {.type = ONUS_CELL_NULL};
            put_cell(out, at[k] < series->n_columns ? &cells[i * series->n_columns + at[k]] : &none,
                     table->columns[k].unit, k == 0);
        }
        onus_text_add(out, "</tr>\n");
    }
    onus_text_add(out, "</tbody></table></div>\n");
    if (n_rows > ROWS_MAX) {
        onus_text_addf(out,
                       "<p class=\"note\">The first %d of %zu rows; all are in "
                       "<code>tables/</code>.</p>\n",
                       ROWS_MAX, n_rows);
    }
}

void onus_report_series(const onus_result *result, onus_text *out) {
    const bool is_match = result->c->kind == ONUS_KIND_MATCH;
    const series_table *tables = is_match ? MATCH : AFFECT;
    const size_t n_tables =
        is_match ? sizeof MATCH / sizeof *MATCH : sizeof AFFECT / sizeof *AFFECT;
    if (result->c->kind == ONUS_KIND_PLACE) {
        return; /* body_feedback.c */
    }
    bool is_open = false;
    for (size_t i = 0; i < n_tables; i++) {
        const onus_series *series = series_of(result, tables[i].series);
        if (series == NULL || series->cells.n_items == 0) {
            continue;
        }
        if (!is_open) {
            onus_text_add(out, "<noscript><section aria-labelledby=\"h-tables\"><h2 "
                               "id=\"h-tables\">What was found</h2>\n");
            is_open = true;
        }
        put_table(out, &tables[i], series);
    }
    if (is_open) {
        onus_text_add(out, "</section></noscript>\n");
    }
}
