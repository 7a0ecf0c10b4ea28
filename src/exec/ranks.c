/* Ranks: meeting, agreeing, failing together. No MPI here; see engine_mpi.c for what carries it.
 *
 * A meeting is one minimum over all ranks of a few whole numbers. Each rank gives the number of the
 * meeting, the step it is at and two numbers of that step, each once as it is and once negated: the
 * minima tell whether all gave the same. The last number is the failure: INT64_MAX where all is
 * well, else (rank, status), so that the minimum is the failure of the lowest rank that has one.
 * Since every rank sees the same minima, every rank comes to the same end:
 *
 *   rank 0   replicates ---- meets: rank 2, out of memory ---- over, silent, exit 71
 *   rank 1   replicates ---- meets: rank 2, out of memory ---- over, silent, exit 71
 *   rank 2   fails --------- meets: rank 2, out of memory ---- over, says its message, exit 71
 *
 * Waiting is a test now and then, with naps that grow, so that a rank that waits leaves the
 * processor to those that work. A rank that has failed waits for the others only so long, and one
 * that is asked to stop (Ctrl-C) even less; then it leaves by abort. The naps' length is no part of
 * any result. Called by engine_ranks.c and by src/cli. It never prints and never exits. */
#include "ranks_internal.h"

#include <assert.h>
#include <dlfcn.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "onus/alloc.h"
#include "onus/exec.h"
#include "onus/version.h"

enum {
    N_TRIES = 200, /* before the first nap: an exchange between ranks that come together is quick */
    NAP_MIN_US = 20,
    NAP_MAX_US = 1000,
    US_PER_S = 1000000,
    WORDS_MAX = 1000,
    DIGEST_LEN = 64,
};

/* Naps, so the true times are somewhat longer. */
static const uint64_t STOPPED_WAITS_US = US_PER_S / 2; /* mpirun kills a second after it asked */

onus_status onus_ranks_load(const char *path, bool global, const onus_ranks_module **module,
                            onus_error *err) {
    void *handle = dlopen(path, RTLD_NOW | (global ? RTLD_GLOBAL : RTLD_LOCAL));
    if (handle == NULL) {
        const char *why = dlerror(); // NOLINT(concurrency-mt-unsafe): glibc's is per thread
        return onus_fail_plain(err, ONUS_ERR_LIMIT, "MPI cannot be loaded: %s",
                               why != NULL ? why : "unknown reason");
    }
    const onus_ranks_module *found = dlsym(handle, "onus_ranks_mpi");
    if (found == NULL || strcmp(found->onus_version, onus_version()) != 0) {
        (void)dlclose(handle);
        return onus_fail(err, ONUS_ERR_LIMIT, path, 0, 0, "is not a module of onus %s",
                         onus_version());
    }
    *module = found; /* never unloaded: MPI libraries do not bear it */
    return ONUS_OK;
}

onus_status onus_ranks_new(const onus_ranks_link *link, onus_ranks **out, onus_error *err) {
    onus_ranks *ranks = onus_alloc(sizeof *ranks);
    uint64_t *first = onus_alloc_n((size_t)link->n_ranks + 1, sizeof *first);
    if (ranks == NULL || first == NULL) {
        onus_free(ranks);
        onus_free(first);
        return onus_fail_nomem(err);
    }
    *ranks = (onus_ranks){.link = *link, .first = first};
    *out = ranks;
    return ONUS_OK;
}

void onus_ranks_free(onus_ranks *ranks) {
    if (ranks == NULL) {
        return;
    }
    if (ranks->must_abort) {
        ranks->link.abort(ranks->link.state, onus_status_exit_code(ranks->failure));
    } else {
        ranks->link.leave(ranks->link.state);
    }
    onus_free(ranks->first);
    onus_free(ranks);
}

int onus_ranks_rank(const onus_ranks *ranks) {
    return ranks == NULL ? 0 : ranks->link.rank;
}

int onus_ranks_n(const onus_ranks *ranks) {
    return ranks == NULL ? 1 : ranks->link.n_ranks;
}

int onus_ranks_n_threads(const onus_ranks *ranks) {
    const int n = onus_exec_n_threads(NULL) / (ranks == NULL ? 1 : ranks->link.n_sharing);
    return n < 1 ? 1 : n;
}

void onus_ranks_tally(const onus_ranks *ranks, uint64_t *n_meetings, uint64_t *n_bytes) {
    *n_meetings = ranks == NULL ? 0 : ranks->n_meetings;
    *n_bytes = ranks == NULL ? 0 : ranks->n_bytes;
}

static void nap(uint64_t us) {
    const struct timespec length = {.tv_nsec = (long)us * 1000};
    (void)nanosleep(&length, NULL);
}

/* Nobody is waited for any longer: this rank ends the run. */
static onus_status give_up(onus_ranks *ranks, onus_status failure, int speaker) {
    ranks->is_over = true;
    ranks->must_abort = true;
    ranks->failure = failure;
    ranks->speaker = speaker;
    return failure;
}

/* Waits until the minima are there. @return OK, or this rank's own end */
static onus_status wait_for_others(onus_ranks *ranks, const onus_context *context,
                                   onus_status own) {
    uint64_t waited_us = 0;
    uint64_t stopped_us = 0;
    uint64_t nap_us = NAP_MIN_US;
    for (int n_tries = 0; !ranks->link.is_done(ranks->link.state); n_tries++) {
        if (n_tries < N_TRIES) {
            (void)sched_yield();
            continue;
        }
        if (own != ONUS_OK && waited_us >= (uint64_t)ranks->link.patience_ms * 1000) {
            return give_up(ranks, own, ranks->link.rank);
        }
        if (stopped_us >= STOPPED_WAITS_US) {
            return give_up(ranks, ONUS_ERR_INTERRUPTED, 0);
        }
        nap(nap_us);
        waited_us += nap_us;
        stopped_us += onus_stopped(context) ? nap_us : 0;
        nap_us = nap_us * 2 < NAP_MAX_US ? nap_us * 2 : NAP_MAX_US;
    }
    return ONUS_OK;
}

onus_status onus_ranks_meet(onus_ranks *ranks, const onus_context *context, onus_ranks_step step,
                            uint64_t a, uint64_t b, onus_status own) {
    if (ranks->is_over) {
        return ranks->failure;
    }
    ranks->n_meetings++;
    const int64_t same[] = {(int64_t)ranks->n_meetings, (int64_t)step, (int64_t)a, (int64_t)b};
    int64_t *said = ranks->said;
    for (int i = 0; i < 4; i++) {
        said[2 * i] = same[i];
        said[2 * i + 1] = -same[i];
    }
    said[ONUS_RANKS_N_SAID - 1] =
        own == ONUS_OK ? INT64_MAX : (int64_t)ranks->link.rank * ONUS_N_STATUS + (int64_t)own;
    ranks->link.begin_min(ranks->link.state, said, ONUS_RANKS_N_SAID);
    const onus_status waited = wait_for_others(ranks, context, own);
    if (waited != ONUS_OK) {
        return waited;
    }
    bool is_same = true;
    for (int i = 0; i < 4; i++) {
        is_same = is_same && said[2 * i] == -said[2 * i + 1];
    }
    const int64_t failure = said[ONUS_RANKS_N_SAID - 1];
    if (failure != INT64_MAX) {
        ranks->speaker = (int)(failure / ONUS_N_STATUS);
        ranks->failure = (onus_status)(failure % ONUS_N_STATUS);
    } else if (!is_same) { /* one computes what another does not */
        ranks->speaker = 0;
        ranks->failure = ONUS_ERR_BUG;
    } else {
        return ONUS_OK;
    }
    ranks->is_over = true;
    return ranks->failure;
}

/* The failure of a meeting in words; only the speaker's are ever read. */
static onus_status fail_after_meeting(onus_status status, onus_error *err) {
    if (status == ONUS_ERR_BUG) {
        return onus_bug(err, "the ranks of a run are not at the same step");
    }
    return onus_fail_plain(err, status, "%s", onus_status_text(status));
}

/* The first difference to rank 0, in the order of ranks. */
static onus_status compare_words(const onus_ranks *ranks, const onus_ranks_word *words, size_t n,
                                 const char *all, onus_status status, const char *advice,
                                 onus_error *err) {
    for (int r = 1; r < ranks->link.n_ranks; r++) {
        for (size_t i = 0; i < n; i++) {
            const char *theirs = all + ((size_t)r * n + i) * DIGEST_LEN;
            if (memcmp(theirs, all + i * DIGEST_LEN, DIGEST_LEN) != 0) {
                return onus_fail_plain(err, status, "rank %d of %d has another %s than rank 0; %s",
                                       r, ranks->link.n_ranks, words[i].name, advice);
            }
        }
    }
    return ONUS_OK;
}

onus_status onus_ranks_agree(onus_ranks *ranks, const onus_context *context,
                             const onus_ranks_word *words, size_t n_words, onus_status status,
                             const char *advice, onus_error *err) {
    if (ranks == NULL) {
        return ONUS_OK;
    }
    if (n_words > WORDS_MAX) {
        return onus_bug(err, "more words to agree on than fit into one exchange");
    }
    /* Room is found before they meet: a rank without memory must not leave the others waiting in
     * the exchange itself. */
    const size_t size = n_words * DIGEST_LEN;
    char *mine = onus_alloc(size);
    char *all = onus_alloc_n((size_t)ranks->link.n_ranks, size);
    const onus_status own = mine == NULL || all == NULL ? ONUS_ERR_NOMEM : ONUS_OK;
    onus_status met = onus_ranks_meet(ranks, context, ONUS_RANKS_AGREE, n_words, 0, own);
    if (met != ONUS_OK) {
        met = fail_after_meeting(met, err);
        goto out;
    }
    assert(mine != NULL && all != NULL); /* else they have not met well */
    for (size_t i = 0; i < n_words; i++) {
        memcpy(mine + i * DIGEST_LEN, words[i].digest, DIGEST_LEN);
    }
    ranks->link.gather(ranks->link.state, mine, size, all);
    met = compare_words(ranks, words, n_words, all, status, advice, err);
    if (met != ONUS_OK) { /* every rank has found the same difference */
        ranks->is_over = true;
        ranks->failure = met;
        ranks->speaker = 0;
    }
out:
    onus_free(mine);
    onus_free(all);
    return met;
}

bool onus_ranks_fail(onus_ranks *ranks, const onus_context *context, onus_status *status) {
    if (ranks == NULL) {
        return true;
    }
    *status = onus_ranks_meet(ranks, context, ONUS_RANKS_FAIL, 0, 0, *status);
    return ranks->speaker == ranks->link.rank;
}
