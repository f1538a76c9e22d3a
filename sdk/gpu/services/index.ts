/**
 * Fetches RIMs, OCSP responses and the key set of NRAS over HTTP, from NVIDIA or from a mirror.
 * Nothing fetched is trusted for where it came from: `createRim`, `verify` and `verifyNras` check
 * signatures.
 */
export {
  createGpuServices,
  type FetchParameters,
  type FetchRimParameters,
  type GpuServices,
} from "./client.ts";
export {
  type GpuServicesOptions,
  NVIDIA_NRAS_JWKS,
  NVIDIA_OCSP_SERVICE,
  NVIDIA_RIM_SERVICE,
} from "./options.ts";
