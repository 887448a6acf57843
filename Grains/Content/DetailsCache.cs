using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Streaming.Content;

/// <summary>
/// Bounds what all titles' details take on this silo. While there is no room, new ones are not kept until those that were not
/// asked for lately have gone; that makes a twentieth of the limit free, so what is larger may never be kept.
/// </summary>
internal sealed class DetailsCache(IOptions<ContentOptions> options)
    : MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.MaxDetailsMegabytes * 1024L * 1024 });
