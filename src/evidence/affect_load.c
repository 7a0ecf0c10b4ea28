/* Loads an affect case: what a product said of items, whom they show, and what there is to hold it
 * against.
 *
 *   read every table -> ids of all of them become indices -> the domain of labels
 *   -> items and people -> what the product said -> self-reports, instructions, votes
 *
 * An item may be named by any table, so all are read before the first is understood. Ids of people,
 * items and raters end here: what follows holds indices, in an order that does not depend on the
 * order of the rows. Every row is used or let go under a reason.
 *
 * Called by load.c. Never infers anything from a label. */
#include <stdarg.h>
#include <string.h>

#include "affect_loading.h"
#include "onus/alloc.h"
#include "onus/scalar.h"

/* ---- rows that go ---- */

onus_status affect_let_go(affect_table *t, size_t i, const char *reason, bool by_choice) {
    if (t->keep[i] == 0) {
        return ONUS_OK;
    }
    t->keep[i] = 0;
    t->input.used--;
    return onus_input_exclude(&t->input, reason, by_choice, 1);
}

onus_status affect_refuse(affect_loading *a, affect_table *t, size_t i, const char *kind,
                          const char *fmt, ...) {
    if (t->keep[i] != 0 && t->source->invalid == ONUS_INVALID_STOP) {
        char text[ONUS_ERROR_TEXT_MAX];
        va_list args;
        va_start(args, fmt);
        (void)onus_vformat(text, sizeof text, fmt, args);
        va_end(args);
        onus_problems_add(a->loading->problems, kind, t->input.file, t->table.lines[i], 0, "%s",
                          text);
    }
    return affect_let_go(t, i, kind, false);
}

/* ---- asking ---- */

typedef struct asking {
    onus_column_ask *asks;
    int n;
} asking;

static int ask(asking *asked, const char *name, onus_column_type type, const char *missing) {
    if (name == NULL) {
        return ONUS_AFFECT_NO_COLUMN;
    }
    asked->asks[asked->n] = (onus_column_ask){
        .name = name, .type = type, .may_be_missing = missing == NULL, .missing_reason = missing};
    return asked->n++;
}

static int ask_each(asking *asked, const onus_mapping *mapped, size_t n, onus_column_type type,
                    const char *missing) {
    const int first = asked->n;
    for (size_t k = 0; k < n; k++) {
        (void)ask(asked, mapped[k].values.items[0], type, missing);
    }
    return first;
}

static void ask_columns(const onus_affect_ref *ref, int which, affect_table *t, asking *asked) {
    static const char NO_ITEM[] = "no item";
    t->item = t->label = t->person = t->repeat = t->version = t->rater = t->stratum = t->first =
        ONUS_AFFECT_NO_COLUMN;
    switch (which) {
    case ONUS_AFFECT_LABELS:
        t->item = ask(asked, ref->labels.item, ONUS_COLUMN_ID, NO_ITEM);
        t->label = ask(asked, ref->labels.label, ONUS_COLUMN_TEXT, NULL);
        t->repeat = ask(asked, ref->labels.repeat, ONUS_COLUMN_ID, "no repeat");
        t->version = ask(asked, ref->labels.version, ONUS_COLUMN_ID, "no version");
        t->first =
            ask_each(asked, ref->labels.scores, ref->labels.n_scores, ONUS_COLUMN_NUMBER, NULL);
        break;
    case ONUS_AFFECT_ITEMS:
        t->item = ask(asked, ref->items.id, ONUS_COLUMN_ID, NO_ITEM);
        t->person = ask(asked, ref->items.person, ONUS_COLUMN_TEXT, NULL);
        break;
    case ONUS_AFFECT_PEOPLE:
        t->person = ask(asked, ref->people.id, ONUS_COLUMN_ID, "no person");
        t->first =
            ask_each(asked, ref->people.groups, ref->people.n_groups, ONUS_COLUMN_TEXT, NULL);
        break;
    case ONUS_AFFECT_SELF_REPORT:
        t->item = ask(asked, ref->self_report.item, ONUS_COLUMN_ID, NO_ITEM);
        t->label = ask(asked, ref->self_report.label, ONUS_COLUMN_ID, "no label");
        break;
    case ONUS_AFFECT_INTENDED:
        t->item = ask(asked, ref->intended.item, ONUS_COLUMN_ID, NO_ITEM);
        t->label = ask(asked, ref->intended.label, ONUS_COLUMN_ID, "no label");
        break;
    default:
        t->item = ask(asked, ref->raters.item, ONUS_COLUMN_ID, NO_ITEM);
        t->stratum = ask(asked, ref->raters.stratum, ONUS_COLUMN_ID, "no stratum");
        t->rater = ask(asked, ref->raters.rater, ONUS_COLUMN_ID, "no rater");
        t->label = ask(asked, ref->raters.label, ONUS_COLUMN_ID, "no vote");
        t->first = ask_each(asked, ref->raters.counts, ref->raters.n_counts, ONUS_COLUMN_COUNT,
                            "no count of votes");
        break;
    }
}

static onus_status read_table(affect_loading *a, int which, const onus_source *source,
                              const char *role) {
    enum { N_SINGLE = 4 };
    const onus_affect_ref *ref = a->ref;
    affect_table *t = &a->tables[which];
    onus_status status = ONUS_OK;
    if (source->file == NULL) {
        return ONUS_OK;
    }
    asking asked = {.asks = onus_alloc_n(N_SINGLE + ref->labels.n_scores + ref->people.n_groups +
                                             ref->raters.n_counts,
                                         sizeof(onus_column_ask))};
    if (asked.asks == NULL) {
        return ONUS_ERR_NOMEM;
    }
    t->source = source;
    t->input.role = role;
    ask_columns(ref, which, t, &asked);
    ONUS_TRY(onus_table_read(source, a->loading->c->data_dir, asked.asks, (size_t)asked.n,
                             a->loading->context, &t->table, &t->input, a->loading->problems));
    if (t->table.n_rows > INT32_MAX) {
        status = ONUS_ERR_LIMIT;
        goto out;
    }
    t->keep = onus_alloc_n(t->table.n_rows, sizeof *t->keep);
    if (t->keep == NULL) {
        status = ONUS_ERR_NOMEM;
        goto out;
    }
    for (size_t i = 0; i < t->table.n_rows; i++) {
        t->keep[i] = 1;
    }
out:
    onus_free(asked.asks);
    return status;
}

static onus_status read_tables(affect_loading *a) {
    const onus_affect_ref *ref = a->ref;
    const struct {
        const onus_source *source;
        const char *role;
    } parts[ONUS_AFFECT_N_TABLES] = {
        {&ref->labels.source, "labels"}, {&ref->items.source, "items"},
        {&ref->people.source, "people"}, {&ref->self_report.source, "self_report"},
        {&ref->raters.source, "raters"}, {&ref->intended.source, "intended"},
    };
    onus_status status = ONUS_OK;
    for (int k = 0; k < ONUS_AFFECT_N_TABLES; k++) {
        const onus_status part = read_table(a, k, parts[k].source, parts[k].role);
        if (part != ONUS_OK && part != ONUS_ERR_DATA && part != ONUS_ERR_NOINPUT) {
            return part;
        }
        status = status == ONUS_OK ? part : status;
    }
    return status;
}

/* ---- ids ---- */

static onus_status take_names(affect_loading *a) {
    onus_status status = ONUS_OK;
    for (int k = 0; k < ONUS_AFFECT_N_TABLES; k++) {
        const affect_table *t = &a->tables[k];
        if (affect_given(t) && t->item != ONUS_AFFECT_NO_COLUMN) {
            ONUS_TRY(onus_names_add_column(&a->items, &t->table, (size_t)t->item));
        }
    }
    const affect_table *items = &a->tables[ONUS_AFFECT_ITEMS];
    if (affect_given(items) && items->person != ONUS_AFFECT_NO_COLUMN) {
        ONUS_TRY(onus_names_add_column(&a->people, &items->table, (size_t)items->person));
    }
    ONUS_TRY(onus_names_settle(&a->items, ONUS_NAMES_BYTES));
    ONUS_TRY(onus_names_settle(&a->people, ONUS_NAMES_BYTES));
out:
    return status;
}

/* ---- the whole ---- */

static onus_status understand(affect_loading *a) {
    onus_affect_evidence *out = a->out;
    onus_status status = ONUS_OK;
    ONUS_TRY(take_names(a));
    ONUS_TRY(affect_make_domain(a));
    ONUS_TRY(affect_take_items(a));
    ONUS_TRY(affect_take_people(a));
    ONUS_TRY(affect_take_said(a));
    ONUS_TRY(affect_take_item_labels(a, &a->tables[ONUS_AFFECT_SELF_REPORT], &out->self_report));
    ONUS_TRY(affect_take_item_labels(a, &a->tables[ONUS_AFFECT_INTENDED], &out->intended));
    ONUS_TRY(affect_take_votes(a));
out:
    return status;
}

static bool is_data(onus_status status) {
    return status == ONUS_OK || status == ONUS_ERR_DATA;
}

onus_status onus_load_affect(onus_loading *loading) {
    if (loading->c->kind != ONUS_KIND_AFFECT) {
        return ONUS_OK;
    }
    affect_loading a = {
        .loading = loading, .ref = &loading->c->affect, .out = &loading->out->affect};
    const size_t n_before = loading->problems->n_all;
    onus_status status = read_tables(&a);
    if (status == ONUS_OK) {
        status = understand(&a);
    }
    if (status == ONUS_OK && loading->problems->n_all > n_before) {
        status = ONUS_ERR_DATA;
    }
    for (int k = 0; k < ONUS_AFFECT_N_TABLES; k++) {
        affect_table *t = &a.tables[k];
        if (affect_given(t) && is_data(status)) {
            const onus_status settled = onus_settle_input(loading, &t->input, status);
            status =
                settled != ONUS_OK && (status == ONUS_OK || !is_data(settled)) ? settled : status;
        } else {
            onus_input_clear(&t->input);
        }
        onus_table_clear(&t->table);
        onus_free(t->keep);
    }
    onus_names_clear(&a.items);
    onus_names_clear(&a.people);
    return status;
}

static void clear_texts(char **texts, size_t n) {
    for (size_t i = 0; texts != NULL && i < n; i++) {
        onus_free(texts[i]);
    }
    onus_free(texts);
}

void onus_affect_clear(onus_affect_evidence *affect) {
    clear_texts(affect->domain.labels, affect->domain.n_labels);
    onus_free(affect->domain.values);
    onus_free(affect->items.person);
    for (size_t g = 0; g < affect->items.n_groupings; g++) {
        onus_free(affect->items.groupings[g].name);
        clear_texts(affect->items.groupings[g].values, affect->items.groupings[g].n_values);
        onus_free(affect->items.group[g]);
    }
    onus_free(affect->items.groupings);
    onus_free(affect->items.group);
    onus_free(affect->said.item);
    onus_free(affect->said.label);
    onus_free(affect->said.repeat);
    onus_free(affect->said.version);
    clear_texts(affect->said.versions, affect->said.n_versions);
    onus_free(affect->said.scores);
    onus_free(affect->self_report.label);
    onus_free(affect->intended.label);
    onus_free(affect->votes.item);
    onus_free(affect->votes.stratum);
    onus_free(affect->votes.counts);
    clear_texts(affect->votes.strata, affect->votes.n_strata);
    onus_free(affect->votes.unit);
    onus_free(affect->votes.rater);
    onus_free(affect->votes.vote);
    *affect = (onus_affect_evidence){0};
}
