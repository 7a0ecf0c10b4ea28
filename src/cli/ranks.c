/* mpirun: is this process one of several, which MPI started it, and do all of them see the same?
 *
 * A launcher tells its processes through the environment that they are several:
 *
 *   OMPI_COMM_WORLD_SIZE, _RANK   Open MPI's mpirun
 *   PMI_SIZE, PMI_RANK            MPICH's mpirun and its relatives; srun --mpi=pmi2
 *   PMIX_RANK, SLURM_STEP_NUM_TASKS   srun --mpi=pmix
 *
 * Without them nothing of MPI is loaded or started, so a plain onus pays nothing for it and needs
 * none. With them the module of that MPI is loaded; if it is not there the run ends at once, for
 * several processes that do not know of each other would all write the same report.
 *
 * Rank 0 talks and writes. The others are silent, unless it is they who have failed. Before
 * anything is tried all compare what they run and read: on a cluster each machine may have its own
 * copy of the program, the case and the data. Called by main.c and cmd_try.c; only `onus try` is
 * shared out.
 */
#include "cli.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "onus/alloc.h"
#include "onus/ranks.h"
#include "onus/report.h"
#include "onus/scalar.h"
#include "onus/text.h"

typedef struct library {
    const char *name; /* of the module: onus-NAME.so */
    const char *says; /* for people */
    bool global;      /* its own parts, loaded later, ask for its symbols */
} library;

static const library libraries[] = {{"openmpi", "Open MPI", true}, {"mpich", "MPICH", false}};

enum {
    OPENMPI,
    MPICH,
    N_LIBRARIES,
    /* What all ranks find wrong before they have joined is rank 0's to say. Open MPI's mpirun ends
     * all as soon as one does, so the others let it go first. */
    AFTER_RANK_0_S = 2,
};

static bool whole_from_env(const char *name, int *out) {
    const char *text = getenv(name);
    int64_t value = 0;
    if (text == NULL || !onus_parse_int64(text, strlen(text), &value) || value < 0 ||
        value > INT_MAX) {
        return false;
    }
    *out = (int)value;
    return true;
}

void cli_ranks_look(cli_env *cli) {
    int rank = 0;
    int n = 0;
    cli->mpi_first = OPENMPI;
    if (whole_from_env("OMPI_COMM_WORLD_SIZE", &n)) {
        (void)whole_from_env("OMPI_COMM_WORLD_RANK", &rank);
    } else if (whole_from_env("PMI_SIZE", &n)) {
        (void)whole_from_env("PMI_RANK", &rank);
        cli->mpi_first = MPICH;
    } else if (whole_from_env("PMIX_RANK", &rank)) {
        (void)whole_from_env("SLURM_STEP_NUM_TASKS", &n);
    }
    if (n > 1) {
        cli->n_launched = n;
        cli->silent = rank > 0;
        cli->progress = cli->progress && rank == 0;
    }
}

/* "<folder of the program>/onus-mpich.so", or where it was installed; NULL without memory or file.
 */
static char *module_path(const library *lib) {
    char program[PATH_MAX];
    const ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
    onus_text path = {0};
    if (len > 0) {
        program[len] = '\0';
        const char *slash = strrchr(program, '/');
        onus_text_add_len(&path, program, slash == NULL ? 0 : (size_t)(slash - program));
        onus_text_addf(&path, "/onus-%s.so", lib->name);
        if (!path.failed && access(path.data, R_OK) == 0) {
            return onus_text_take(&path);
        }
    }
    onus_text_clear(&path);
    onus_text_addf(&path, "%s/onus-%s.so", ONUS_MODULE_DIR, lib->name);
    if (!path.failed && access(path.data, R_OK) == 0) {
        return onus_text_take(&path);
    }
    onus_text_clear(&path);
    return NULL;
}

/* The module of the MPI that started this, else of the other: srun serves both. */
static onus_status load(const cli_env *cli, const library **lib, const onus_ranks_module **module,
                        onus_error *err) {
    for (int i = 0; i < N_LIBRARIES; i++) {
        *lib = &libraries[(cli->mpi_first + i) % N_LIBRARIES];
        char *path = module_path(*lib);
        if (path != NULL) {
            const onus_status status = onus_ranks_load(path, (*lib)->global, module, err);
            onus_free(path);
            return status;
        }
    }
    return onus_fail_plain(
        err, ONUS_ERR_LIMIT,
        "started as one of %d processes, but this onus was built without MPI (see docs/scale.md); "
        "start it without mpirun, or with --alone to run %d trials side by side",
        cli->n_launched, cli->n_launched);
}

static onus_status start(cli_env *cli, onus_ranks **ranks, onus_error *err) {
    onus_status status = ONUS_OK;
    const library *lib = NULL;
    const onus_ranks_module *module = NULL;
    onus_ranks_link link = {0};
    ONUS_TRY(load(cli, &lib, &module, err));
    assert(module != NULL);
    cli_interrupt_joining(cli, true);
    status = module->start(&link, err);
    cli_interrupt_joining(cli, false);
    if (status != ONUS_OK) {
        goto out;
    }
    cli->silent = link.rank > 0;
    cli->progress = cli->progress && link.rank == 0;
    if (link.n_ranks != cli->n_launched) {
        status = onus_fail_plain(err, ONUS_ERR_LIMIT,
                                 "started as one of %d processes, but %s sees %d; the mpirun that "
                                 "starts onus and the module onus-%s.so must be of the same MPI",
                                 cli->n_launched, lib->says, link.n_ranks, lib->name);
        link.leave(link.state);
        goto out;
    }
    status = onus_ranks_new(&link, ranks, err);
    if (status != ONUS_OK) {
        link.abort(link.state, onus_status_exit_code(status));
    }
out:
    return status;
}

void cli_ranks_let_speak(const cli_env *cli) {
    if (cli->silent) {
        (void)sleep(AFTER_RANK_0_S);
    }
}

onus_status cli_ranks_start(cli_env *cli, onus_context *context, onus_error *err) {
    if (cli->n_launched <= 1) {
        return ONUS_OK;
    }
    const bool was_silent = cli->silent;
    const onus_status status = start(cli, &context->ranks, err);
    if (status != ONUS_OK) {
        /* There is no rank to agree with. Rank 0 says it at once, and mpirun then ends the others;
         * if it is still there after a while, it is this process's own trouble. */
        cli->silent = was_silent;
        cli_ranks_let_speak(cli);
        cli->silent = false;
        return status;
    }
    if (context->n_threads == 0) {
        context->n_threads = onus_ranks_n_threads(context->ranks);
    }
    return ONUS_OK;
}

/* What the C library makes of the functions that differ between processors and versions: ranks
 * whose last bits differ would not give the bytes of one process. */
static void digest_arithmetic(char out[65]) {
    enum { N_POINTS = 256, N_FUNCTIONS = 10 };
    double values[N_POINTS][N_FUNCTIONS];
    for (int i = 0; i < N_POINTS; i++) {
        const double x = 0.017 + 0.0371 * i;
        int sign = 0;
        const double all[N_FUNCTIONS] = {
            exp(x),      log(x),   sin(x),   cos(x),      tan(x),
            pow(x, 1.7), log1p(x), expm1(x), erfc(x / 3), lgamma_r(x, &sign)};
        memcpy(values[i], all, sizeof all);
    }
    onus_sha256_bytes(values, sizeof values, out);
}

onus_status cli_ranks_agree_case(const onus_context *context, const onus_case *c, onus_error *err) {
    if (context->ranks == NULL) {
        return ONUS_OK;
    }
    onus_ranks_word words[] = {{.name = "program"},
                               {.name = "case file"},
                               {.name = "seed or number of replicates"},
                               {.name = "arithmetic (processor or C library)"}};
    const uint64_t settings[] = {c->protocol.seed, c->protocol.n_replicates};
    if (onus_sha256_file("/proc/self/exe", words[0].digest, NULL) != ONUS_OK) {
        words[0].digest[0] = '\0'; /* a system without /proc: the version was compared already */
    }
    memcpy(words[1].digest, c->sha256, sizeof words[1].digest);
    onus_sha256_bytes(settings, sizeof settings, words[2].digest);
    digest_arithmetic(words[3].digest);
    return onus_ranks_agree(context->ranks, context, words, sizeof words / sizeof words[0],
                            ONUS_ERR_DATA,
                            "all must run the same program on the same case (docs/scale.md)", err);
}

onus_status cli_ranks_agree_evidence(const onus_context *context, const onus_evidence *evidence,
                                     onus_error *err) {
    if (context->ranks == NULL) {
        return ONUS_OK;
    }
    const onus_input *inputs = evidence->inputs.items;
    const size_t n = evidence->inputs.n_items;
    onus_ranks_word *words = onus_alloc_n(n + 1, sizeof *words);
    if (words == NULL) {
        return onus_fail_nomem(err);
    }
    bool is_all_digested = true;
    for (size_t i = 0; i < n; i++) {
        words[i].name = inputs[i].file;
        memcpy(words[i].digest, inputs[i].sha256, sizeof words[i].digest);
        is_all_digested = is_all_digested && inputs[i].sha256[0] != '\0';
    }
    words[n].name = "evidence";
    if (!is_all_digested) { /* a database may have changed between two ranks' reading */
        cli_evidence_digest(evidence, words[n].digest);
    }
    const onus_status status =
        onus_ranks_agree(context->ranks, context, words, n + 1, ONUS_ERR_DATA,
                         "all must read the same data (docs/scale.md)", err);
    onus_free(words);
    return status;
}

onus_status cli_ranks_agree_result(const onus_context *context, const onus_result *result,
                                   onus_error *err) {
    if (context->ranks == NULL) {
        return ONUS_OK;
    }
    onus_status status = ONUS_OK;
    onus_ranks_word word = {.name = "result"};
    char *json = NULL;
    ONUS_TRY(onus_report_json(result, &json, err));
    onus_sha256_bytes(json, strlen(json), word.digest);
    status =
        onus_ranks_agree(context->ranks, context, &word, 1, ONUS_ERR_BUG,
                         "nothing was written; please report it, and the kinds of machines", err);
out:
    onus_free(json);
    return status;
}

bool cli_ranks_fail(cli_env *cli, const onus_context *context, onus_status *status) {
    if (context->ranks == NULL) {
        return !cli->silent;
    }
    const bool speaks = onus_ranks_fail(context->ranks, context, status);
    cli->silent = !speaks;
    return speaks;
}

/* Once any rank has ended, mpirun takes down the others and may drop what it has not passed on by
 * then. All ranks end together, so a nap of the one that spoke gives its words time to arrive. */
static void let_words_arrive(void) {
    const struct timespec nap = {.tv_nsec = 200000000};
    (void)fflush(stderr);
    (void)nanosleep(&nap, NULL);
}

void cli_ranks_sign(const cli_env *cli, const onus_context *context) {
    const int rank = onus_ranks_rank(context->ranks);
    if (rank > 0 && !cli->silent) {
        char host[256] = "";
        (void)gethostname(host, sizeof host - 1);
        fprintf(stderr, "note: this is rank %d of %d, on %s\n", rank, onus_ranks_n(context->ranks),
                host);
    }
    if (context->ranks != NULL && !cli->silent) {
        let_words_arrive();
    }
}

bool cli_ranks_leave(onus_context *context) {
    const bool is_writer = onus_ranks_rank(context->ranks) == 0;
    onus_ranks_free(context->ranks);
    context->ranks = NULL;
    return is_writer;
}

void cli_ranks_print_versions(FILE *to) {
    for (int i = 0; i < N_LIBRARIES; i++) {
        char *path = module_path(&libraries[i]);
        if (path == NULL) {
            continue;
        }
        const onus_ranks_module *module = NULL;
        char text[128] = "";
        if (onus_ranks_load(path, false, &module, NULL) == ONUS_OK) {
            module->describe(text, sizeof text);
            fprintf(to, "ranks: %s\n", text);
        } else {
            fprintf(to, "ranks: %s, which is not installed here\n", libraries[i].says);
        }
        onus_free(path);
    }
}
