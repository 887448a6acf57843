using System.Text.Json;
using Streaming.Audit;

namespace Streaming.WebFront.Audit;

/// <summary>
/// All entries that a filter lets through, newest first, as NDJSON: read and sent page by page, at the client's pace. An
/// answer that was cut off by a failure breaks its connection, so that nobody takes it for the whole.
/// </summary>
internal sealed class LogExport(ILogGrain log, LogFilter filter, LogPage first) : IResult
{
    public const string ContentType = "application/x-ndjson";

    private const int PerPage = 1_000;

    /// <summary>Reads the first page, so that a failure of the store is still told by its status.</summary>
    public static async Task<LogExport> StartAsync(ILogGrain log, LogFilter filter, CancellationToken cancellationToken) =>
        new(log, filter, await log.ListAsync(filter, before: null, PerPage, cancellationToken));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = ContentType;
        response.Headers.ContentDisposition = "attachment; filename=\"logs.ndjson\"";
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;

        for (var page = first; ; page = await log.ListAsync(filter, page.Next, PerPage, httpContext.RequestAborted))
        {
            foreach (var entry in page.Entries)
                Write(response, LogRow.From(entry));

            var sent = await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
            if (page.Next is null || sent.IsCompleted)
                return;
        }
    }

    private static void Write(HttpResponse response, LogRow row)
    {
        using (var json = new Utf8JsonWriter(response.BodyWriter, new JsonWriterOptions { Encoder = FrontJson.Contract.Options.Encoder }))
            JsonSerializer.Serialize(json, row, FrontJson.Contract.LogRow);

        var end = response.BodyWriter.GetSpan(1);
        end[0] = (byte)'\n';
        response.BodyWriter.Advance(1);
    }
}
