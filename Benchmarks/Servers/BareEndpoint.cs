using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Streaming.Benchmarks.Servers;

/// <summary>The yardstick: Kestrel with nothing behind it. Drains a body, answers "ok" to every path.</summary>
internal static class BareEndpoint
{
    private static readonly byte[] Ok = "ok"u8.ToArray();

    /// <param name="port">Where it listens, on loopback.</param>
    /// <param name="folder">Where it keeps what is posted; null for what only answers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(int port, string? folder, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port);
            if (folder is not null)
                kestrel.Limits.MaxRequestBodySize = null;
        });
        await using var app = builder.Build();
        app.Run(folder is null ? AnswerAsync : context => KeepAsync(context, folder));
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static async Task KeepAsync(HttpContext context, string folder)
    {
        if (HttpMethods.IsPost(context.Request.Method))
            await BareUploads.CopyAsync(context, folder);

        await AnswerAsync(context);
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.ContentLength > 0)
            await DrainAsync(context);

        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = Ok.Length;
        await context.Response.BodyWriter.WriteAsync(Ok);
    }

    private static async Task DrainAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
