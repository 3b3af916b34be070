// See COneDNNShim.h. Written for the API of oneDNN 2.x; Package.swift leaves it out for others.

#include "COneDNNShim.h"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "oneDNN 3 replaced operation descriptors by arguments of *_primitive_desc_create"
#endif

struct cd_convolution {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_primitive_t reorder;
  dnnl_memory_desc_t x, weights, y, plain, scratch;
  enum cd_pass pass;
  int is_reference;
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
  if (isa == dnnl_cpu_isa_avx512_core_amx) return "avx512_core_amx";
  if (isa == dnnl_cpu_isa_avx512_core_bf16) return "avx512_core_bf16";
  snprintf(text, sizeof(text), "isa %#x", (unsigned)isa);
  return text;
}

// The number of OpenMP threads is a setting of each thread; the library may use another runtime.
static void use_one_thread(void) {
  static void (*set)(int);
  static int looked;
  if (!__atomic_load_n(&looked, __ATOMIC_ACQUIRE)) {
    set = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    __atomic_store_n(&looked, 1, __ATOMIC_RELEASE);
  }
  if (set) set(1);
}

static dnnl_status_t describe(const struct cd_geometry *g, struct cd_convolution *c) {
  const int forward = c->pass == CD_FORWARD, data = c->pass == CD_BACKWARD_DATA;
  const int gradient = c->pass == CD_BACKWARD_WEIGHTS;
  dnnl_dims_t x = {1, g->channels, g->height, g->width};
  dnnl_dims_t y = {1, g->filters, g->out_height, g->out_width};
  dnnl_dims_t w = {g->filters, g->channels, g->kernel, g->kernel};
  dnnl_status_t status =
      dnnl_memory_desc_init_by_tag(&c->x, 4, x, data ? dnnl_f32 : dnnl_bf16, dnnl_nhwc);
  if (!status)
    status = dnnl_memory_desc_init_by_tag(&c->y, 4, y, forward ? dnnl_f32 : dnnl_bf16, dnnl_nhwc);
  if (!status) status = dnnl_memory_desc_init_by_tag(&c->plain, 4, w, dnnl_f32, dnnl_hwio);
  if (!status)
    status = dnnl_memory_desc_init_by_tag(&c->weights, 4, w, gradient ? dnnl_f32 : dnnl_bf16,
                                          dnnl_format_tag_any);
  return status;
}

static dnnl_status_t operation(const struct cd_geometry *g, struct cd_convolution *c,
                               dnnl_convolution_desc_t *d, enum cd_pass pass) {
  int64_t reach = (g->out_height - 1) * g->stride + g->dilation * (g->kernel - 1) + 1;
  int64_t across = (g->out_width - 1) * g->stride + g->dilation * (g->kernel - 1) + 1;
  dnnl_dims_t stride = {g->stride, g->stride}, dilation = {g->dilation - 1, g->dilation - 1};
  dnnl_dims_t low = {g->padding, g->padding};
  dnnl_dims_t high = {reach - g->height - g->padding, across - g->width - g->padding};
  const dnnl_alg_kind_t direct = dnnl_convolution_direct;
  switch (pass) {
    case CD_FORWARD:
      return dnnl_dilated_convolution_forward_desc_init(d, dnnl_forward_training, direct, &c->x,
                                                        &c->weights, 0, &c->y, stride, dilation,
                                                        low, high);
    case CD_BACKWARD_DATA:
      return dnnl_dilated_convolution_backward_data_desc_init(d, direct, &c->x, &c->weights, &c->y,
                                                              stride, dilation, low, high);
    default:
      return dnnl_dilated_convolution_backward_weights_desc_init(
          d, direct, &c->x, &c->weights, 0, &c->y, stride, dilation, low, high);
  }
}

static dnnl_status_t make(const struct cd_geometry *g, struct cd_convolution *c) {
  dnnl_convolution_desc_t forward, own;
  dnnl_primitive_attr_t attributes = 0;
  dnnl_primitive_desc_t hint = 0, chosen = 0, reorder = 0;
  dnnl_status_t status = dnnl_engine_create(&c->engine, dnnl_cpu, 0);
  if (!status) status = dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags);
  if (!status) status = describe(g, c);
  if (!status) status = dnnl_primitive_attr_create(&attributes);
  if (!status) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (!status && c->pass != CD_FORWARD) {
    // The backward passes want a forward pass of 16-bit images to go by.
    struct cd_convolution like = *c;
    like.x.data_type = like.y.data_type = like.weights.data_type = dnnl_bf16;
    status = operation(g, &like, &forward, CD_FORWARD);
    if (!status) status = dnnl_primitive_desc_create(&hint, &forward, 0, c->engine, 0);
  }
  if (!status) status = operation(g, c, &own, c->pass);
  if (!status) status = dnnl_primitive_desc_create(&chosen, &own, attributes, c->engine, hint);
  if (!status) {
    const char *name = "";
    dnnl_primitive_desc_query(chosen, dnnl_query_impl_info_str, 0, &name);
    // Slower by a factor of a thousand.
    c->is_reference = strncmp(name, "ref", 3) == 0;
    c->weights = *dnnl_primitive_desc_query_md(
        chosen, c->pass == CD_BACKWARD_WEIGHTS ? dnnl_query_diff_weights_md : dnnl_query_weights_md,
        0);
    c->scratch = *dnnl_primitive_desc_query_md(chosen, dnnl_query_scratchpad_md, 0);
    status = dnnl_primitive_create(&c->primitive, chosen);
  }
  if (!status)
    status = dnnl_reorder_primitive_desc_create(&reorder, &c->plain, c->engine, &c->weights,
                                                c->engine, 0);
  if (!status) status = dnnl_primitive_create(&c->reorder, reorder);
  if (reorder) dnnl_primitive_desc_destroy(reorder);
  if (chosen) dnnl_primitive_desc_destroy(chosen);
  if (hint) dnnl_primitive_desc_destroy(hint);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return status;
}

struct cd_convolution *cd_create(const struct cd_geometry *g, enum cd_pass pass) {
  use_one_thread();
  struct cd_convolution *c = calloc(1, sizeof(*c));
  if (!c) return 0;
  c->pass = pass;
  dnnl_status_t status = make(g, c);
  if (!status && !c->is_reference) return c;
  cd_free(c);
  return 0;
}

void cd_free(struct cd_convolution *c) {
  if (!c) return;
  if (c->reorder) dnnl_primitive_destroy(c->reorder);
  if (c->primitive) dnnl_primitive_destroy(c->primitive);
  if (c->stream) dnnl_stream_destroy(c->stream);
  if (c->engine) dnnl_engine_destroy(c->engine);
  free(c);
}

size_t cd_packed_size(const struct cd_convolution *c) {
  return dnnl_memory_desc_get_size(&c->weights);
}

size_t cd_scratch_size(const struct cd_convolution *c) {
  return dnnl_memory_desc_get_size(&c->scratch);
}

// Runs a primitive on memory that is described here and not owned.
static dnnl_status_t run(const struct cd_convolution *c, dnnl_primitive_t primitive, int count,
                         const int *arguments, const dnnl_memory_desc_t *const *descriptions,
                         void *const *data) {
  dnnl_exec_arg_t all[4];
  dnnl_status_t status = dnnl_success;
  int made = 0;
  use_one_thread();
  for (; made < count && !status; made++) {
    all[made].arg = arguments[made];
    status = dnnl_memory_create(&all[made].memory, descriptions[made], c->engine, data[made]);
    if (status) break;
  }
  if (!status) status = dnnl_primitive_execute(primitive, c->stream, count, all);
  while (made > 0) dnnl_memory_destroy(all[--made].memory);
  return status;
}

int cd_pack(const struct cd_convolution *c, const float *weights, void *packed) {
  const int arguments[] = {DNNL_ARG_FROM, DNNL_ARG_TO};
  const dnnl_memory_desc_t *descriptions[] = {&c->plain, &c->weights};
  void *data[] = {(void *)weights, packed};
  return run(c, c->reorder, 2, arguments, descriptions, data);
}

int cd_run(const struct cd_convolution *c, void *x, void *weights, void *y, void *scratch) {
  static const int arguments[3][4] = {
      {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD},
      {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_SCRATCHPAD},
      {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_SCRATCHPAD}};
  const dnnl_memory_desc_t *descriptions[] = {&c->x, &c->weights, &c->y, &c->scratch};
  void *data[] = {x, weights, y, scratch};
  const int count = cd_scratch_size(c) > 0 ? 4 : 3;
  return run(c, c->primitive, count, arguments[c->pass], descriptions, data);
}
