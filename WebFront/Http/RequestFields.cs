using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Streaming.Users;

namespace Streaming.WebFront;

/// <summary>
/// The fields of a request body, JSON object or form. The getters check as they read; the first that fails leaves
/// <see cref="Error"/>, which names the field.
/// </summary>
internal sealed class RequestFields
{
    private const int MaxEcho = 64;

    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private string? repeated;

    public Problem? Error { get; private set; }

    /// <summary>Reads the body, as large as the route takes it. What is wrong with it as a whole is in <see cref="Error"/>.</summary>
    public static async ValueTask<RequestFields> ReadAsync(HttpRequest request, bool allowForm = false)
    {
        var result = new RequestFields();
        var maxBytes = RequestLimits.BodyBytes(request.HttpContext);
        var (body, problem) = await RequestBody.ReadAsync(request, maxBytes);
        if (problem is not null)
            result.Error = problem;
        else if (allowForm && request.HasFormContentType)
            result.AddForm(body.Span);
        else if (request.ContentType is null || request.HasJsonContentType())
            result.AddJson(body);
        else
            result.Error = new Problem(StatusCodes.Status415UnsupportedMediaType, "Send the body as application/json.", "Content-Type");

        return result;
    }

    public static Problem TooLarge(int maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The body is too large; at most {RequestLimits.InWords(maxBytes)}.");

    /// <summary>Fails where there are fields besides these, or one of them twice: what is misspelt, or not known here, is not passed over.</summary>
    public void RefuseOthers(params ReadOnlySpan<string> known)
    {
        foreach (var name in fields.Keys)
        {
            if (!known.Contains(name))
                Fail(RequestValues.Shorten(name, MaxEcho), $"This is no field of the request; it has {string.Join(", ", known)}.");
        }

        if (repeated is not null)
            Fail(RequestValues.Shorten(repeated, MaxEcho), "This field is there twice.");
    }

    /// <summary>Fails where none of them is there, not even as null.</summary>
    public void RequireSome(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (fields.ContainsKey(name))
                return;
        }

        Fail(names[0], $"The request has none of {string.Join(", ", names)}.");
    }

    /// <summary>Whether it is left out or null; unlike <see cref="Has"/>, an empty text is something.</summary>
    public bool IsMissing(string name) => !fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null;

    public bool Has(string name) => fields.TryGetValue(name, out var value) && !IsNothing(value);

    /// <param name="own">What <see cref="OwnId.Alias"/> stands for, where it is a user id.</param>
    public Guid Id(string name, Guid? own = null)
    {
        var text = String(name);
        if (own is { } caller && text == OwnId.Alias)
            return caller;

        if (RequestValues.IsId(text, out var id))
            return id;

        Fail(name, $"{name} must be a UUID.");
        return default;
    }

    public int Integer(string name, int min, int max)
    {
        if (JsonNumbers.Whole(Double(name), min, max) is { } value)
            return value;

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {min} to {max}."));
        return min;
    }

    /// <summary>A number of whole units, 0 to <paramref name="max"/>; a fraction is floored.</summary>
    public int Floored(string name, int max)
    {
        if (Double(name) is { } value && value >= 0 && value <= max)
            return (int)Math.Floor(value);

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from 0 to {max}."));
        return 0;
    }

    /// <summary>A moment by RFC 3339, from 1970 to <paramref name="latest"/>.</summary>
    public DateTimeOffset Moment(string name, DateTimeOffset latest)
    {
        if (Rfc3339.Parse(String(name)) is { } moment && moment >= DateTimeOffset.UnixEpoch && moment <= latest)
            return moment;

        Fail(name, $"{name} must be a moment such as 2026-05-04T20:15:00.125Z, and at most a minute in the future.");
        return default;
    }

    public double Number(string name, double min, double max)
    {
        if (Double(name) is { } value && value >= min && value <= max)
            return value;

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {min} to {max}."));
        return min;
    }

    /// <summary>Null when it is absent and may be.</summary>
    public string? Text(string name, int minLength, int maxLength, bool required)
    {
        if (!Has(name) && !required)
            return null;

        if (fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { } text && text.Length >= minLength && text.Length <= maxLength && !text.Contains('\0'))
        {
            return text;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a text of {minLength} to {maxLength} characters."));
        return null;
    }

    /// <summary>Without blanks around it.</summary>
    public string? Email(string name)
    {
        if (String(name) is { } text && EmailAddress.TryRead(text, out var email))
            return email;

        Fail(name, $"{name} must be an e-mail address.");
        return null;
    }

    /// <summary>A password that may be set for the account of this e-mail.</summary>
    public string? NewPassword(string name, string? email, int minLength)
    {
        if (Text(name, minLength, PasswordRules.MaxLength, required: true) is not { } text)
            return null;

        if (PasswordRules.Refuse(text, email, minLength) is not { } reason)
            return text;

        Fail(name, $"{name} {reason}");
        return null;
    }

    /// <summary>A name that people read; null when it is absent and may be.</summary>
    public string? Name(string name, int maxLength, bool required)
    {
        if (Text(name, 1, maxLength, required) is not { } text)
            return null;

        if (DisplayName.TryRead(text, maxLength, out var read))
            return read;

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a name of 1 to {maxLength} characters that can be seen, on one line."));
        return null;
    }

    /// <summary>False when it is absent.</summary>
    public bool Flag(string name)
    {
        if (!Has(name))
            return false;

        if (fields[name].ValueKind is JsonValueKind.True or JsonValueKind.False)
            return fields[name].GetBoolean();

        if (bool.TryParse(String(name), out var flag))
            return flag;

        Fail(name, $"{name} must be true or false.");
        return false;
    }

    private static bool IsNothing(JsonElement value) =>
        value.ValueKind is JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0);

    private string? String(string name) =>
        fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private double? Double(string name) => fields.TryGetValue(name, out var value) ? JsonNumbers.Read(value) : null;

    private void Fail(string field, string message) => Error ??= Problem.BadRequest(field, message);

    private void AddJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in document.RootElement.EnumerateObject())
                    AddProperty(property.Name, property.Value);

                return;
            }

            Fail("body", "The body must be a JSON object.");
        }
        catch (JsonException e)
        {
            Fail("body", Malformed(e));
        }
        catch (InvalidOperationException)
        {
            Fail("body", "The body has a name that is not valid Unicode.");
        }
    }

    private void AddProperty(string name, JsonElement value)
    {
        try
        {
            if (value.ValueKind == JsonValueKind.String)
                value.GetString();

            if (fields.ContainsKey(name))
                repeated ??= name;

            fields[name] = value.Clone();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair in an escape, or bytes that are no UTF-8: JSON by its grammar, and no text.
            Fail(name, $"{name} is a text that is not valid Unicode.");
        }
    }

    /// <summary>Where the JSON breaks off; the parser's own words stay here.</summary>
    public static string Malformed(JsonException e) => string.Create(
        CultureInfo.InvariantCulture, $"The body is not valid JSON (line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}).");

    private void AddForm(ReadOnlySpan<byte> body)
    {
        foreach (var (name, values) in QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body)))
            fields[name] = JsonSerializer.SerializeToElement(values.ToString());
    }
}
