/* Runs GGUF files through llama.cpp and prints what it computes as JSON (see README.md).

   record BACKEND.so MODEL.gguf... > llama-cpp.json

   Each file runs twice: "direct" as it is, where llama.cpp rounds activations to the weights' format (8 bits for Q8_0
   and Q4_0, 16 for F16 and BF16), and "exact" as a copy that llama.cpp itself has turned into F32, where it rounds
   nothing. Key/value cache in F32, no flash attention, one thread, no repacked weights. */
#include "ggml-backend.h"
#include "llama.h"
#include <stdio.h>

enum { PROMPT = 80, GENERATED = 16, TOP = 5 };

static void only_errors(enum ggml_log_level level, const char *text, void *unused) {
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static int prompt_token(int i) { return i == 0 ? 1 : 3 + (i * 37 + i * i * 11 + 5) % 285; }

static void print_top(int position, const float *logits, int vocabulary) {
    int best[TOP];
    printf("%s\n   {\"position\":%d,\"top\":[", position == 0 ? "" : ",", position);
    for (int k = 0; k < TOP; k++) {
        best[k] = -1;
        for (int i = 0; i < vocabulary; i++) {
            int taken = 0;
            for (int j = 0; j < k; j++) taken |= best[j] == i;
            if (!taken && (best[k] < 0 || logits[i] > logits[best[k]])) best[k] = i;
        }
        printf("%s[%d,%.7g]", k == 0 ? "" : ",", best[k], logits[best[k]]);
    }
    double sum = 0, squares = 0;
    for (int i = 0; i < vocabulary; i++) sum += logits[i], squares += (double) logits[i] * logits[i];
    printf("],\"mean\":%.7g,\"meanSquare\":%.7g}", sum / vocabulary, squares / vocabulary);
}

static int run(const char *path) {
    struct llama_model_params model_params = llama_model_default_params();
    model_params.use_extra_bufts = false;
    model_params.n_gpu_layers = 0;
    struct llama_model *model = llama_model_load_from_file(path, model_params);
    struct llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = 256;
    params.n_threads = params.n_threads_batch = 1;
    params.type_k = params.type_v = GGML_TYPE_F32;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    struct llama_context *context = model ? llama_init_from_model(model, params) : NULL;
    if (!context) return 1;
    int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
    struct llama_batch batch = llama_batch_init(PROMPT, 0, 1);
    for (int i = 0; i < PROMPT; i++) {
        batch.token[i] = prompt_token(i);
        batch.pos[i] = i;
        batch.n_seq_id[i] = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i] = 1;
    }
    batch.n_tokens = PROMPT;
    if (llama_decode(context, batch)) return 1;
    printf("{\"rows\":[");
    for (int i = 0; i < PROMPT; i++) {
        if (i % 10 == 0 || i == PROMPT - 1) print_top(i, llama_get_logits_ith(context, i), vocabulary);
    }
    int greedy[GENERATED];
    const float *logits = llama_get_logits_ith(context, PROMPT - 1);
    for (int g = 0; g < GENERATED; g++) {
        greedy[g] = 0;
        for (int i = 1; i < vocabulary; i++) {
            if (logits[i] > logits[greedy[g]]) greedy[g] = i;
        }
        batch.n_tokens = 1;
        batch.token[0] = greedy[g];
        batch.pos[0] = PROMPT + g;
        if (llama_decode(context, batch)) return 1;
        logits = llama_get_logits_ith(context, 0);
        print_top(PROMPT + g, logits, vocabulary);
    }
    printf("],\n  \"greedy\":[");
    for (int g = 0; g < GENERATED; g++) printf("%s%d", g == 0 ? "" : ",", greedy[g]);
    printf("]}");
    llama_batch_free(batch);
    llama_free(context);
    llama_model_free(model);
    return 0;
}

int main(int count, char **arguments) {
    llama_log_set(only_errors, NULL);
    ggml_backend_load(arguments[1]);
    llama_backend_init();
    printf("{\"prompt\":[");
    for (int i = 0; i < PROMPT; i++) printf("%s%d", i == 0 ? "" : ",", prompt_token(i));
    printf("],\n\"models\":{");
    for (int i = 2; i < count; i++) {
        char copy[4096];
        snprintf(copy, sizeof copy, "%s.f32", arguments[i]);
        llama_model_quantize_params as_f32 = llama_model_quantize_default_params();
        as_f32.ftype = LLAMA_FTYPE_ALL_F32;
        as_f32.allow_requantize = true;
        const char *name = arguments[i];
        for (const char *c = name; *c; c++) {
            if (*c == '/') name = c + 1;
        }
        printf("%s\n\"%s\":{\"direct\":", i == 2 ? "" : ",", name);
        if (run(arguments[i])) return 1;
        printf(",\n \"exact\":");
        fflush(stdout);
        if (llama_model_quantize(arguments[i], copy, &as_f32) || run(copy)) return 1;
        printf("}");
    }
    printf("}}\n");
    return 0;
}
