using Microsoft.AspNetCore.Http;

namespace Streaming.Benchmarks.Servers;

/// <summary>The yardstick of uploads: copies a request's body to a file as it is, the form included.</summary>
internal static class BareUploads
{
    /// <summary>On disk before it is answered.</summary>
    public const string DurablePath = "/durable";

    /// <summary>Left to the system to write.</summary>
    public const string CachedPath = "/cached";

    private const int BufferBytes = 256 * 1024;

    public static async Task CopyAsync(HttpContext context, string folder)
    {
        await using var file = new FileStream(
            Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true);
        await context.Request.Body.CopyToAsync(file, context.RequestAborted);
        await file.FlushAsync(context.RequestAborted);
        if (context.Request.Path == DurablePath)
            RandomAccess.FlushToDisk(file.SafeFileHandle);
    }
}
