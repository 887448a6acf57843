using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;

namespace Streaming.WebFront;

/// <summary>One property of a body.</summary>
internal abstract class BodyField<T>(string name, PropertyInfo property)
{
    private readonly string? missing = property.GetCustomAttribute<RequiredAttribute>()?.ErrorMessage;
    private readonly UserIdAttribute? userId = property.GetCustomAttribute<UserIdAttribute>();
    private readonly bool keepsEmptyText = property.GetCustomAttribute<DisplayFormatAttribute>() is { ConvertEmptyStringToNull: false };

    public string Name => name;

    /// <summary>What is said of fields that are missing before any value is looked at; null for one that is there, or whose own rule says it.</summary>
    public Problem? FindMissing(JsonElement value, HttpContext context)
    {
        var words = missing ?? (userId is not null && context.GetUser() is null ? userId.NeededWithoutCaller : null);
        return words is not null && IsNothing(value) ? Problem.BadRequest(name, words) : null;
    }

    public abstract Problem? Bind(T body, JsonElement value, HttpContext context);

    protected bool IsPassedOver(HttpContext context) => userId is { AdministratorsOnly: true } && context.GetUser() is not { IsAdministrator: true };

    /// <summary>Whether it is absent or null. An empty text is nothing, too, unless the property keeps it.</summary>
    protected bool IsNothing(JsonElement value) =>
        value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
        || (!keepsEmptyText && value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8));
}

/// <summary>Reads and checks a value.</summary>
/// <returns>What it must be, as the end of a sentence that begins with its name; null when it is that.</returns>
internal delegate string? FieldReader<TValue>(JsonElement value, HttpContext context, object body, out TValue result);

internal sealed class BodyField<T, TValue>(string name, PropertyInfo property, bool isRequired, Action<T, TValue> set, FieldReader<TValue> read)
    : BodyField<T>(name, property)
    where T : class
{
    public override Problem? Bind(T body, JsonElement value, HttpContext context)
    {
        if (IsPassedOver(context) || (!isRequired && IsNothing(value)))
            return null;

        if (read(value, context, body, out var result) is { } reason)
            return Problem.BadRequest(Name, $"{Name} {reason}");

        set(body, result);
        return null;
    }
}
