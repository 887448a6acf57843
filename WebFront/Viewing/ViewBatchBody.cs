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
    private readonly Dictionary<Guid, int> keyed = [];
    private readonly List<RepeatedEntry> repeated = [];

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
            body.Error = Problem.BadRequest("body", RequestBody.Malformed(e));
        }
        catch (InvalidOperationException)
        {
            body.Error = Problem.BadRequest("body", "The body has a text that is not valid Unicode.");
        }

        return body;
    }

    /// <param name="receipt">Of the whole request's key.</param>
    public ViewBatchRequest ToRequest(Guid? receipt) =>
        new([.. contentIds], [.. counts], HasKeyedEntries ? [.. receipts] : null, receipt);

    public bool HasKeyedEntries => keyed.Count > 0;

    /// <summary>How many entries it has, rejected ones included.</summary>
    public int Entries => Indexes.Count + Rejected.Count + repeated.Count;

    /// <summary>What is told of the entries that were not recorded, by their index.</summary>
    /// <param name="dropped">Why what was kept was not recorded after all, by its place.</param>
    public RejectedEntry[] Explain(IReadOnlyDictionary<int, string> dropped) =>
    [
        .. Rejected
            .Concat(dropped.Select(entry => new RejectedEntry(Indexes[entry.Key], entry.Value)))
            .Concat(repeated.Select(entry => new RejectedEntry(entry.Index, Explain(entry, dropped))))
            .OrderBy(entry => entry.Index),
    ];

    private string Explain(RepeatedEntry entry, IReadOnlyDictionary<int, string> dropped) =>
        !entry.HasSameCount ? $"its key is that of entry {Indexes[entry.Place]} for the same title, with another count"
        : dropped.TryGetValue(entry.Place, out var reason) ? reason
        : $"its key is that of entry {Indexes[entry.Place]} for the same title, which counts once";

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
        var fields = ViewBatchFields.Read(ref reader);
        if (fields.Reason is { } reason)
        {
            Rejected.Add(new RejectedEntry(index, reason));
            return;
        }

        var contentId = fields.ContentId!.Value;
        var receipt = fields.Key is null ? Guid.Empty : Receipts.ForTitle(subject, contentId, fields.Key);
        if (fields.Key is not null && !keyed.TryAdd(receipt, Indexes.Count))
        {
            var place = keyed[receipt];
            repeated.Add(new RepeatedEntry(index, place, counts[place] == fields.Count));
            return;
        }

        Indexes.Add(index);
        contentIds.Add(contentId);
        counts.Add(fields.Count);
        receipts.Add(receipt);
    }

    /// <param name="Place">Among the kept entries, of the one with its title and key.</param>
    private readonly record struct RepeatedEntry(int Index, int Place, bool HasSameCount);
}

/// <param name="Index">Place in the request, from 0.</param>
internal sealed record RejectedEntry(int Index, string Reason);
