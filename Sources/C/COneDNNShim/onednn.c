// See COneDNNShim.h.

#include "COneDNNShim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "version.h"

struct cd_convolution {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_primitive_t reorder;
  description x, weights, y, plain, scratch;
  enum cd_pass pass;
};

const char *cd_version(void) {
  static char text[32];
  const dnnl_version_t *v = dnnl_version();
  snprintf(text, sizeof(text), "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

const char *cd_instruction_set(void) {
  static char text[32];
  dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
#if DNNL_VERSION_MAJOR >= 3
  if (isa == dnnl_cpu_isa_avx512_core_amx_fp16) return "avx512_core_amx_fp16";
#endif
  if (isa == dnnl_cpu_isa_avx512_core_amx) return "avx512_core_amx";
  if (isa == dnnl_cpu_isa_avx512_core_bf16) return "avx512_core_bf16";
  if (isa == dnnl_cpu_isa_avx512_core_vnni) return "avx512_core_vnni";
  if (isa == dnnl_cpu_isa_avx512_core) return "avx512_core";
  if (isa == dnnl_cpu_isa_avx2) return "avx2";
  snprintf(text, sizeof(text), "isa %#x", (unsigned)isa);
  return text;
}

static void (*set_threads)(int);

static void find_runtime(void) {
  set_threads = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
}

// The number of OpenMP threads is a setting of each thread; a library without threads has no runtime.
static void use_one_thread(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_runtime);
  if (set_threads) set_threads(1);
}

static dnnl_data_type_t type(enum cd_precision precision) {
  return precision == CD_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
}

// Describes images and weights; results, and with `plain` the weights to be packed, are float32.
static dnnl_status_t describe(const struct cd_geometry *g, struct cd_convolution *c) {
  const dnnl_data_type_t narrow = type(g->precision);
  dnnl_dims_t x = {g->images, g->channels, g->height, g->width};
  dnnl_dims_t y = {g->images, g->filters, g->out_height, g->out_width};
  dnnl_dims_t w = {g->filters, g->channels, g->kernel, g->kernel};
  dnnl_status_t status =
      description_create(&c->x, x, c->pass == CD_BACKWARD_DATA ? dnnl_f32 : narrow, dnnl_nhwc);
  if (!status)
    status = description_create(&c->y, y, c->pass == CD_FORWARD ? dnnl_f32 : narrow, dnnl_nhwc);
  const int64_t both = g->channels * g->filters;
  dnnl_dims_t plain = {g->filters_first ? g->channels : 1, g->filters_first ? 1 : g->filters,
                       g->kernel * both, both};
  if (!status) status = description_of_weights(&c->plain, w, plain);
  if (!status)
    status = description_create(&c->weights, w, c->pass == CD_BACKWARD_WEIGHTS ? dnnl_f32 : narrow,
                                dnnl_format_tag_any);
  return status;
}

static struct shape shape(const struct cd_geometry *g) {
  const int64_t reach = g->dilation * (g->kernel - 1) + 1;
  const int64_t down = (g->out_height - 1) * g->stride + reach;
  const int64_t across = (g->out_width - 1) * g->stride + reach;
  struct shape s = {{g->stride, g->stride},
                    {g->dilation - 1, g->dilation - 1},
                    {g->padding, g->padding},
                    {down - g->height - g->padding, across - g->width - g->padding}};
  return s;
}

// The forward pass that the backward passes want to go by: wholly in the images' precision.
static dnnl_status_t make_hint(const struct cd_geometry *g, const struct cd_convolution *c,
                               dnnl_primitive_desc_t *hint) {
  const dnnl_data_type_t narrow = type(g->precision);
  const struct shape s = shape(g);
  dnnl_dims_t x = {g->images, g->channels, g->height, g->width};
  dnnl_dims_t y = {g->images, g->filters, g->out_height, g->out_width};
  dnnl_dims_t w = {g->filters, g->channels, g->kernel, g->kernel};
  description from = 0, weights = 0, to = 0;
  dnnl_status_t status = description_create(&from, x, narrow, dnnl_nhwc);
  if (!status) status = description_create(&to, y, narrow, dnnl_nhwc);
  if (!status) status = description_create(&weights, w, narrow, dnnl_format_tag_any);
  if (!status) status = describe_forward(hint, c->engine, from, weights, to, &s, 0);
  description_free(from);
  description_free(weights);
  description_free(to);
  return status;
}

static dnnl_status_t choose(const struct cd_geometry *g, const struct cd_convolution *c,
                            dnnl_primitive_desc_t *chosen) {
  const struct shape s = shape(g);
  dnnl_primitive_attr_t attributes = 0;
  dnnl_primitive_desc_t hint = 0;
  dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
  if (!status)
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (!status && c->pass != CD_FORWARD) status = make_hint(g, c, &hint);
  if (!status) {
    switch (c->pass) {
      case CD_FORWARD:
        status = describe_forward(chosen, c->engine, c->x, c->weights, c->y, &s, attributes);
        break;
      case CD_BACKWARD_DATA:
        status = describe_backward_data(chosen, c->engine, c->x, c->weights, c->y, &s, hint,
                                        attributes);
        break;
      case CD_BACKWARD_WEIGHTS:
        status = describe_backward_weights(chosen, c->engine, c->x, c->weights, c->y, &s, hint,
                                           attributes);
        break;
    }
  }
  if (hint) dnnl_primitive_desc_destroy(hint);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

// Takes over how the chosen kernel wants its weights.
static dnnl_status_t adopt(struct cd_convolution *c, dnnl_primitive_desc_t chosen) {
  const dnnl_query_t which =
      c->pass == CD_BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md;
  dnnl_primitive_desc_t reorder = 0;
  description_free(c->weights);
  c->weights = 0;
  dnnl_status_t status =
      description_copy(&c->weights, dnnl_primitive_desc_query_md(chosen, which, 0));
  if (!status)
    status = description_copy(&c->scratch,
                              dnnl_primitive_desc_query_md(chosen, dnnl_query_scratchpad_md, 0));
  if (!status) status = dnnl_primitive_create(&c->primitive, chosen);
  if (!status)
    status = dnnl_reorder_primitive_desc_create(&reorder, c->plain, c->engine, c->weights, c->engine,
                                                0);
  if (!status) status = dnnl_primitive_create(&c->reorder, reorder);
  if (reorder) dnnl_primitive_desc_destroy(reorder);
  return status;
}

struct cd_convolution *cd_create(const struct cd_geometry *g, enum cd_pass pass, char *name) {
  dnnl_primitive_desc_t chosen = 0;
  struct cd_convolution *c = calloc(1, sizeof(*c));
  name[0] = 0;
  if (!c) return 0;
  use_one_thread();
  c->pass = pass;
  dnnl_status_t status = dnnl_engine_create(&c->engine, dnnl_cpu, 0);
  if (!status) status = dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags);
  if (!status) status = describe(g, c);
  if (!status) status = choose(g, c, &chosen);
  if (!status) {
    const char *found = "";
    status = dnnl_primitive_desc_query(chosen, dnnl_query_impl_info_str, 0, &found);
    snprintf(name, CD_NAME_SIZE, "%s", found);
    if (!status && strncmp(found, "ref", 3) == 0) status = dnnl_unimplemented;
  }
  if (!status) status = adopt(c, chosen);
  if (chosen) dnnl_primitive_desc_destroy(chosen);
  if (!status) return c;
  cd_free(c);
  return 0;
}

void cd_free(struct cd_convolution *c) {
  if (!c) return;
  if (c->reorder) dnnl_primitive_destroy(c->reorder);
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->stream) dnnl_stream_destroy(c->stream);
  if (c->engine) dnnl_engine_destroy(c->engine);
  description_free(c->x);
  description_free(c->weights);
  description_free(c->y);
  description_free(c->plain);
  description_free(c->scratch);
  free(c);
}

size_t cd_packed_size(const struct cd_convolution *c) {
  return dnnl_memory_desc_get_size(c->weights);
}

size_t cd_scratch_size(const struct cd_convolution *c) {
  return dnnl_memory_desc_get_size(c->scratch);
}

int cd_same_packing(const struct cd_convolution *a, const struct cd_convolution *b) {
  return dnnl_memory_desc_equal(a->weights, b->weights);
}

// Runs a primitive on memory that is described here and not owned.
static dnnl_status_t run(const struct cd_convolution *c, dnnl_primitive_t primitive, int count,
                         const int *arguments, const borrowed_description *descriptions,
                         void *const *data) {
  dnnl_exec_arg_t all[4];
  dnnl_status_t status = dnnl_success;
  int made = 0;
  use_one_thread();
  for (; made < count; made++) {
    all[made].arg = arguments[made];
    status = dnnl_memory_create(&all[made].memory, descriptions[made], c->engine, data[made]);
    if (status) break;
  }
  if (!status) status = dnnl_primitive_execute(primitive, c->stream, count, all);
  if (!status) status = dnnl_stream_wait(c->stream);
  while (made > 0) dnnl_memory_destroy(all[--made].memory);
  return status;
}

int cd_pack(const struct cd_convolution *c, const float *weights, void *packed) {
  static const int arguments[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
  const borrowed_description descriptions[] = {c->plain, c->weights};
  void *data[] = {(void *)weights, packed};
  return run(c, c->reorder, 2, arguments, descriptions, data);
}

int cd_run(const struct cd_convolution *c, void *x, void *weights, void *y, void *scratch) {
  static const int arguments[3][4] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD},
      {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_SCRATCHPAD},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_SCRATCHPAD}};
  const borrowed_description descriptions[] = {c->x, c->weights, c->y, c->scratch};
  void *data[] = {x, weights, y, scratch};
  const int count = cd_scratch_size(c) > 0 ? 4 : 3;
  return run(c, c->primitive, count, arguments[c->pass], descriptions, data);
}
