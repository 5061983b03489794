#ifndef XMR_H
#define XMR_H
/* Ranked labels of a trained model, for programs in C and in languages that call C (library libxmr).
 *
 *   xmr_ranker* ranker = xmr_open("model.npz", 10);
 *   if (ranker == NULL) errx(1, "%s", xmr_error());
 *   uint32_t labels[10];
 *   float scores[10];
 *   int found = xmr_rank(ranker, "wireless echo", 13, labels, scores);
 *   for (int i = 0; i < found; ++i) {
 *     size_t size;
 *     const char* key = xmr_key(ranker, labels[i], &size);
 *     printf("%.*s %g\n", (int)size, key, scores[i]);
 *   }
 *   xmr_close(ranker);
 *
 * The file is mapped and used in place: opening takes milliseconds, and all processes of a machine share its memory.
 * Nothing is printed, and no call ends the process.
 * Thread rule: one ranker a thread; xmr_share() makes one more on the same model.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define XMR_API __attribute__((visibility("default")))
#else
#define XMR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct xmr_ranker xmr_ranker;

/* Opens a model that holds its vectorizer, of any kind that xmr-predict answers with; k: answers a query, at least 1.
 * NULL on failure. Beam, post-processor, ties, and a calibration if it holds one, are those of the model. */
XMR_API xmr_ranker* xmr_open(const char* path, uint32_t k);

/* A ranker of the same model for another thread. The model is closed with the last of its rankers. NULL on failure. */
XMR_API xmr_ranker* xmr_share(const xmr_ranker* ranker);

/* NULL is allowed. */
XMR_API void xmr_close(xmr_ranker* ranker);

/* The best labels of a query, best first, into arrays with room for k. `text`: `size` bytes of UTF-8, the columns that
 * xmr-predict reads from a line: the query, or previous query, TAB and typed prefix for a model that completes.
 * Returns how many there are, 0..k, or -1 on failure. */
XMR_API int xmr_rank(xmr_ranker* ranker, const char* text, size_t size, uint32_t* labels, float* scores);

/* The key of a label, `size` bytes without a zero at the end, which live as long as the ranker. NULL and size 0 if the
 * model has no names or no such label. */
XMR_API const char* xmr_key(const xmr_ranker* ranker, uint32_t label, size_t* size);

/* How many labels there are. */
XMR_API uint64_t xmr_labels(const xmr_ranker* ranker);

/* What went wrong in this thread's last call that failed: one line. Never NULL. */
XMR_API const char* xmr_error(void);

#ifdef __cplusplus
}
#endif
#endif
