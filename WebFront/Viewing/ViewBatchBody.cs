using System.Globalization;
using System.Text.Json;
using Streaming.Viewing;

namespace Streaming.WebFront.Viewing;

/// <summary>
/// The body of the batch route: a JSON array of entries, or entries one after the other (NDJSON). An entry that makes
/// no sense is rejected on its own; a body that is no JSON, or has too many entries, as a whole.
/// </summary>
internal sealed class ViewBatchBody
{
    private readonly List<Guid> contentIds = [];
    private readonly List<int> counts = [];
    private readonly List<Guid> receipts = [];
    private bool keyed;

    /// <summary>Index in the body of each entry that was kept.</summary>
    public List<int> Indexes { get; } = [];

    public List<RejectedEntry> Rejected { get; } = [];

    public Problem? Error { get; private set; }

    public IReadOnlyList<int> Counts => counts;

    public static ViewBatchBody Read(ReadOnlySpan<byte> utf8, string subject)
    {
        var body = new ViewBatchBody();
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { AllowMultipleValues = true });
            body.ReadEntries(ref reader, subject);
            if (reader.BytesConsumed == 0)
                body.Error = Problem.BadRequest("body", "The body is empty; send an array of entries, or one entry a line.");
        }
        catch (JsonException e)
        {
            body.Error = Problem.BadRequest("body", RequestFields.Malformed(e));
        }
        catch (InvalidOperationException)
        {
            body.Error = Problem.BadRequest("body", "The body has a text that is not valid Unicode.");
        }

        return body;
    }

    /// <param name="receipt">Of the whole request's key.</param>
    public ViewBatchRequest ToRequest(Guid? receipt) =>
        new([.. contentIds], [.. counts], keyed ? [.. receipts] : null, receipt);

    public bool HasKeyedEntries => keyed;

    private void ReadEntries(ref Utf8JsonReader reader, string subject)
    {
        var inArray = false;
        for (var index = 0; reader.Read();)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when index == 0 && !inArray:
                    inArray = true;
                    continue;
                case JsonTokenType.EndArray:
                    continue;
            }

            if (index == ViewLimits.MaxBatchEntries)
            {
                Error = new Problem(
                    StatusCodes.Status413PayloadTooLarge,
                    string.Create(CultureInfo.InvariantCulture, $"At most {ViewLimits.MaxBatchEntries:N0} entries in a batch."),
                    "body");
                return;
            }

            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadEntry(ref reader, index, subject);
            }
            else
            {
                reader.Skip();
                Rejected.Add(new RejectedEntry(index, "an entry must be an object"));
            }

            index++;
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, int index, string subject)
    {
        Guid contentId = default;
        var count = 0;
        string? key = null;
        string? reason = null;
        var (hasId, hasCount) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("content_id"u8))
            {
                reader.Read();
                hasId = reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out contentId);
            }
            else if (reader.ValueTextEquals("count"u8))
            {
                reader.Read();
                var number = JsonNumbers.Whole(JsonNumbers.Read(ref reader), 1, ViewLimits.MaxCount);
                (hasCount, count) = (number is not null, number ?? 0);
            }
            else if (reader.ValueTextEquals("key"u8))
            {
                reader.Read();
                key = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                if (reader.TokenType != JsonTokenType.Null && (key is null || !ViewsApi.IsKey(key)))
                    reason = $"key must have {ViewLimits.MinKeyLength} to {ViewLimits.MaxKeyLength} printable ASCII characters";
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }

        reason ??= !hasId ? "content_id must be a UUID" : !hasCount ? "count must be a whole number from 1 to 1000000" : null;
        if (reason is not null)
        {
            Rejected.Add(new RejectedEntry(index, reason));
            return;
        }

        Indexes.Add(index);
        contentIds.Add(contentId);
        counts.Add(count);
        receipts.Add(key is null ? Guid.Empty : Receipts.ForTitle(subject, contentId, key));
        keyed |= key is not null;
    }
}

/// <param name="Index">Place in the request, from 0.</param>
internal sealed record RejectedEntry(int Index, string Reason);
