using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Streaming.Content;

/// <summary>
/// Bounds what all titles' details take on this silo: while there is no room, new ones are not kept until those that were not
/// asked for lately have gone.
/// </summary>
internal sealed class DetailsCache(IOptions<ContentOptions> options)
    : MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.MaxDetailsMegabytes * 1024L * 1024 });
