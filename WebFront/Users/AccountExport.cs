using System.Buffers;
using System.Text;
using System.Text.Json;
using Streaming.Users;

namespace Streaming.WebFront.Users;

/// <summary>Everything that is stored about a user, sent page by page as it is read, so that it needs the memory of one page.</summary>
internal static class AccountExport
{
    // 5,000,000 rows: nobody has lived so long.
    private const int MaxPages = 10_000;

    private static readonly (ExportPart Part, string Name)[] Lists =
    [
        (ExportPart.Sessions, "sessions"),
        (ExportPart.WatchHistory, "watch_history"),
        (ExportPart.ResumePositions, "resume_positions"),
        (ExportPart.Reviews, "reviews"),
        (ExportPart.Logs, "logs"),
        (ExportPart.Videos, "videos"),
        (ExportPart.QuotaLimits, "quota_limits"),
        (ExportPart.Downloads, "downloads"),
    ];

    public static async Task SendAsync(HttpContext context, IGrainFactory grains)
    {
        var account = grains.GetGrain<IAccountGrain>(context.GetUser()!.UserId);
        if (await account.ExportAsync(ExportPart.Account, null, context.RequestAborted) is not { Rows: [var row, ..] })
        {
            await AccountResponses.NotFound().ExecuteAsync(context);
            return;
        }

        var response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.ContentDisposition = "attachment; filename=\"streaming-account.json\"";
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        Write(response, "{\"account\":");
        response.BodyWriter.Write(row);
        foreach (var (part, name) in Lists)
            await SendAsync(response, account, part, name);

        Write(response, "}");
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <exception cref="InvalidOperationException">The account was deleted meanwhile; the answer breaks off, so that it cannot be taken for whole.</exception>
    private static async Task SendAsync(HttpResponse response, IAccountGrain account, ExportPart part, string name)
    {
        Write(response, $",\"{name}\":[");
        PageCursor? after = null;
        var separator = "";
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await account.ExportAsync(part, after, response.HttpContext.RequestAborted) ?? throw new InvalidOperationException("The account is gone.");
            foreach (var row in page.Rows)
            {
                Write(response, separator);
                response.BodyWriter.Write(row);
                separator = ",";
            }

            await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
            if (page.Next is null)
            {
                Write(response, "]");
                return;
            }

            after = page.Next;
        }

        throw new InvalidOperationException($"More than {MaxPages} pages of {name}.");
    }

    private static void Write(HttpResponse response, string text) => Encoding.UTF8.GetBytes(text, response.BodyWriter);
}

/// <summary>The document's shape.</summary>
internal sealed record ExportedAccount(
    ListedAccount Account,
    JsonElement[] Sessions,
    JsonElement[] WatchHistory,
    JsonElement[] ResumePositions,
    JsonElement[] Reviews,
    JsonElement[] Logs,
    JsonElement[] Videos,
    JsonElement[] QuotaLimits,
    JsonElement[] Downloads);
