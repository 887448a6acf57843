using System.Text.Json;
using Streaming.Viewing;

namespace Streaming.WebFront.Viewing;

/// <summary>The members of one entry of a batch, and all that is wrong with them.</summary>
internal struct ViewBatchFields
{
    private const int NamedMembers = 3;
    private const int NamedLength = 40;

    private string? keyMember;
    private bool hasContentId;
    private bool hasCount;
    private List<string>? unknown;
    private List<string>? reasons;

    public Guid? ContentId { get; private set; }

    public int Count { get; private set; }

    public string? Key { get; private set; }

    /// <summary>Why it cannot be recorded; null when it can.</summary>
    public string? Reason { get; private set; }

    /// <summary>Reads the object that the reader stands at the beginning of.</summary>
    /// <exception cref="InvalidOperationException">A text in it is not valid Unicode.</exception>
    public static ViewBatchFields Read(ref Utf8JsonReader reader)
    {
        var fields = new ViewBatchFields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            fields.ReadMember(ref reader);
            reader.Skip();
        }

        if (fields.ContentId is null)
            fields.Add("content_id must be a UUID");

        if (fields.Count == 0)
            fields.Add("count must be a whole number from 1 to 1000000");

        if (fields.unknown is { } unknown)
            fields.Add(Unknown(unknown));

        fields.Reason = fields.reasons is { } reasons ? string.Join("; ", reasons.Distinct()) : null;
        return fields;
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("content_id"u8))
        {
            reader.Read();
            if (hasContentId)
                Add("content_id is there twice");

            hasContentId = true;
            ContentId = reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out var id) ? id : null;
        }
        else if (reader.ValueTextEquals("count"u8))
        {
            reader.Read();
            if (hasCount)
                Add("count is there twice");

            hasCount = true;
            Count = JsonNumbers.Whole(JsonNumbers.Read(ref reader), 1, ViewLimits.MaxCount) ?? 0;
        }
        else if (reader.ValueTextEquals("key"u8) || reader.ValueTextEquals("idempotency_key"u8))
        {
            ReadKey(ref reader, reader.ValueTextEquals("key"u8) ? "key" : "idempotency_key");
        }
        else
        {
            (unknown ??= []).Add(reader.GetString()!);
            reader.Read();
        }
    }

    private void ReadKey(ref Utf8JsonReader reader, string member)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;

        var key = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        if (key is null || !ViewsApi.IsKey(key))
            Add($"{member} must have {ViewLimits.MinKeyLength} to {ViewLimits.MaxKeyLength} printable ASCII characters");
        else if (keyMember == member)
            Add($"{member} is there twice");
        else if (Key is not null && Key != key)
            Add("key and idempotency_key are the same thing, and differ here");

        (keyMember, Key) = (member, key);
    }

    private void Add(string reason) => (reasons ??= []).Add(reason);

    private static string Unknown(List<string> names)
    {
        var named = names.Take(NamedMembers).Select(name => $"\"{RequestValues.Shorten(name, NamedLength)}\"");
        var more = names.Count > NamedMembers ? $" and {names.Count - NamedMembers} more" : "";
        return $"unknown member{(names.Count > 1 ? "s" : "")} {string.Join(", ", named)}{more}; an entry has content_id, count and key";
    }
}
