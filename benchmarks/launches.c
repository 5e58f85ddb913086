/*
 * Counts the kernels that a process starts on an NVIDIA GPU. Built with cupti.h and named in CUDA_INJECTION64_PATH, it
 * keeps the number so far, 8 bytes in the machine's order, at the beginning of the file that STACKEL_LAUNCHES names.
 */
#include <cupti.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t *count;
static _Thread_local int within; /* a launch of the runtime, which is one of the driver too */

static const CUpti_CallbackId runtime[] = {
    CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernel_v7000, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernel_ptsz_v7000,
    CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernelExC_v11060, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernelExC_ptsz_v11060,
    CUPTI_RUNTIME_TRACE_CBID_cudaLaunchCooperativeKernel_v9000, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchCooperativeKernel_ptsz_v9000};
static const CUpti_CallbackId driver[] = {
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx, CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel, CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz};

static void CUPTIAPI launched(void *unused, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void *info) {
  (void)unused;
  (void)id;
  int enters = ((const CUpti_CallbackData *)info)->callbackSite == CUPTI_API_ENTER;
  if (enters && !within) {
    __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
  }
  if (domain == CUPTI_CB_DOMAIN_RUNTIME_API) {
    within = enters;
  }
}

int InitializeInjection(void) {
  const char *file = getenv("STACKEL_LAUNCHES");
  int fd = file ? open(file, O_RDWR | O_CREAT, 0600) : -1;
  CUpti_SubscriberHandle handle;
  if (fd < 0 || ftruncate(fd, sizeof *count) != 0) {
    return 0;
  }
  count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (count == MAP_FAILED || cuptiSubscribe(&handle, launched, NULL) != CUPTI_SUCCESS) {
    return 0;
  }
  for (size_t i = 0; i < sizeof runtime / sizeof *runtime; i++) {
    cuptiEnableCallback(1, handle, CUPTI_CB_DOMAIN_RUNTIME_API, runtime[i]);
  }
  for (size_t i = 0; i < sizeof driver / sizeof *driver; i++) {
    cuptiEnableCallback(1, handle, CUPTI_CB_DOMAIN_DRIVER_API, driver[i]);
  }
  return 1;
}
