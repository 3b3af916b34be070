// What differs between the APIs of oneDNN 2.x and 3.x: descriptors of memory, which were values and
// became objects, and how a convolution is described.
#pragma once

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR != 2 && DNNL_VERSION_MAJOR != 3
#error "this shim knows oneDNN 2.x and 3.x"
#endif

#if DNNL_CPU_RUNTIME != DNNL_RUNTIME_OMP && DNNL_CPU_RUNTIME != DNNL_RUNTIME_SEQ
#error "only oneDNN on OpenMP, or without threads, can be held to the calling thread"
#endif

/// Strides, dilation (0 for none) and padding of a convolution, down and across.
struct shape {
  dnnl_dims_t strides, dilation, low, high;
};

#if DNNL_VERSION_MAJOR == 2

typedef dnnl_memory_desc_t *description;
typedef const dnnl_memory_desc_t *borrowed_description;

static inline dnnl_status_t description_create(description *d, const dnnl_dims_t dims,
                                               dnnl_data_type_t type, dnnl_format_tag_t tag) {
  *d = malloc(sizeof(**d));
  return *d ? dnnl_memory_desc_init_by_tag(*d, 4, dims, type, tag) : dnnl_out_of_memory;
}

static inline dnnl_status_t description_of_weights(description *d, const dnnl_dims_t dims,
                                                   const dnnl_dims_t strides) {
  *d = malloc(sizeof(**d));
  return *d ? dnnl_memory_desc_init_by_strides(*d, 4, dims, dnnl_f32, strides) : dnnl_out_of_memory;
}

static inline dnnl_status_t description_copy(description *d, borrowed_description from) {
  *d = malloc(sizeof(**d));
  if (!*d) return dnnl_out_of_memory;
  **d = *from;
  return dnnl_success;
}

static inline void description_free(description d) { free(d); }

static inline dnnl_status_t describe_forward(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                             description x, description weights, description y,
                                             const struct shape *s, dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
      &d, dnnl_forward_training, dnnl_convolution_direct, x, weights, 0, y, s->strides, s->dilation,
      s->low, s->high);
  return status ? status : dnnl_primitive_desc_create(made, &d, attributes, engine, 0);
}

static inline dnnl_status_t describe_backward_data(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                                   description x, description weights,
                                                   description y, const struct shape *s,
                                                   dnnl_primitive_desc_t forward,
                                                   dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
      &d, dnnl_convolution_direct, x, weights, y, s->strides, s->dilation, s->low, s->high);
  return status ? status : dnnl_primitive_desc_create(made, &d, attributes, engine, forward);
}

static inline dnnl_status_t describe_backward_weights(dnnl_primitive_desc_t *made,
                                                      dnnl_engine_t engine, description x,
                                                      description weights, description y,
                                                      const struct shape *s,
                                                      dnnl_primitive_desc_t forward,
                                                      dnnl_primitive_attr_t attributes) {
  dnnl_convolution_desc_t d;
  dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
      &d, dnnl_convolution_direct, x, weights, 0, y, s->strides, s->dilation, s->low, s->high);
  return status ? status : dnnl_primitive_desc_create(made, &d, attributes, engine, forward);
}

#else

typedef dnnl_memory_desc_t description;
typedef const_dnnl_memory_desc_t borrowed_description;

static inline dnnl_status_t description_create(description *d, const dnnl_dims_t dims,
                                               dnnl_data_type_t type, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(d, 4, dims, type, tag);
}

static inline dnnl_status_t description_of_weights(description *d, const dnnl_dims_t dims,
                                                   const dnnl_dims_t strides) {
  return dnnl_memory_desc_create_with_strides(d, 4, dims, dnnl_f32, strides);
}

static inline dnnl_status_t description_copy(description *d, borrowed_description from) {
  return dnnl_memory_desc_clone(d, from);
}

static inline void description_free(description d) {
  if (d) dnnl_memory_desc_destroy(d);
}

static inline dnnl_status_t describe_forward(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                             description x, description weights, description y,
                                             const struct shape *s, dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_forward_primitive_desc_create(
      made, engine, dnnl_forward_training, dnnl_convolution_direct, x, weights, 0, y, s->strides,
      s->dilation, s->low, s->high, attributes);
}

static inline dnnl_status_t describe_backward_data(dnnl_primitive_desc_t *made, dnnl_engine_t engine,
                                                   description x, description weights,
                                                   description y, const struct shape *s,
                                                   dnnl_primitive_desc_t forward,
                                                   dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_backward_data_primitive_desc_create(
      made, engine, dnnl_convolution_direct, x, weights, y, s->strides, s->dilation, s->low, s->high,
      forward, attributes);
}

static inline dnnl_status_t describe_backward_weights(dnnl_primitive_desc_t *made,
                                                      dnnl_engine_t engine, description x,
                                                      description weights, description y,
                                                      const struct shape *s,
                                                      dnnl_primitive_desc_t forward,
                                                      dnnl_primitive_attr_t attributes) {
  return dnnl_convolution_backward_weights_primitive_desc_create(
      made, engine, dnnl_convolution_direct, x, weights, 0, y, s->strides, s->dilation, s->low,
      s->high, forward, attributes);
}

#endif
