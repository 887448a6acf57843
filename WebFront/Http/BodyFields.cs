using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Streaming.Users;

namespace Streaming.WebFront;

/// <summary>Chooses how a property is read, by its type and attributes.</summary>
internal static class BodyFields
{
    /// <summary>By how much clients' clocks may be fast.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    public static BodyField<T> Create<T>(JsonPropertyInfo json)
        where T : class
    {
        var property = (PropertyInfo)json.AttributeProvider!;
        var isRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            _ when type == typeof(string) => new BodyField<T, string>(json.Name, property, isRequired, property.SetMethod!.CreateDelegate<Action<T, string>>(), Text(property)),
            _ when type == typeof(int) => Of(Whole(Attribute<RangeAttribute>(property))),
            _ when type == typeof(double) => Of(Number(Attribute<RangeAttribute>(property))),
            _ when type == typeof(bool) => Of<bool>(Flag),
            _ when type == typeof(Guid) => Of<Guid>(Id),
            _ when type == typeof(DateTimeOffset) => Of<DateTimeOffset>(Moment),
            _ => throw new InvalidOperationException($"{property.DeclaringType}.{property.Name} has a type that bodies do not have."),
        };

        BodyField<T> Of<TValue>(FieldReader<TValue> read)
            where TValue : struct => new BodyField<T, TValue>(json.Name, property, isRequired, Setter<T, TValue>(property), read);
    }

    private static Action<T, TValue> Setter<T, TValue>(PropertyInfo property)
        where TValue : struct
    {
        if (property.PropertyType == typeof(TValue))
            return property.SetMethod!.CreateDelegate<Action<T, TValue>>();

        var set = property.SetMethod!.CreateDelegate<Action<T, TValue?>>();
        return (body, value) => set(body, value);
    }

    private static TAttribute Attribute<TAttribute>(PropertyInfo property)
        where TAttribute : Attribute =>
        property.GetCustomAttribute<TAttribute>()
        ?? throw new InvalidOperationException($"{property.DeclaringType}.{property.Name} has no {typeof(TAttribute).Name}, without which its values have no bounds.");

    private static FieldReader<string> Text(PropertyInfo property)
    {
        if (property.IsDefined(typeof(EmailAddressAttribute)))
            return Email;

        var length = Attribute<StringLengthAttribute>(property);
        return property.IsDefined(typeof(NewPasswordAttribute)) ? NewPassword(length.MaximumLength)
            : property.IsDefined(typeof(ReadableNameAttribute)) ? Name(length.MaximumLength)
            : Text(length.MinimumLength, length.MaximumLength);
    }

    private static FieldReader<string> Text(int min, int max)
    {
        return Read;

        string? Read(JsonElement value, HttpContext context, object body, out string text)
        {
            text = String(value) ?? "";
            return value.ValueKind == JsonValueKind.String && text.Length >= min && text.Length <= max && !text.Contains('\0')
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"must be a text of {min} to {max} characters.");
        }
    }

    /// <summary>Without blanks around it.</summary>
    private static string? Email(JsonElement value, HttpContext context, object body, out string email)
    {
        email = "";
        return String(value) is { } text && EmailAddress.TryRead(text, out email) ? null : "must be an e-mail address.";
    }

    private static FieldReader<string> NewPassword(int max)
    {
        return Read;

        string? Read(JsonElement value, HttpContext context, object body, out string password)
        {
            var min = context.RequestServices.GetRequiredService<IOptions<AccountOptions>>().Value.MinPasswordLength;
            return Text(min, max)(value, context, body, out password)
                ?? PasswordRules.Refuse(password, ((INewPassword)body).AccountEmail(context), min);
        }
    }

    private static FieldReader<string> Name(int max)
    {
        var text = Text(1, max);
        return Read;

        string? Read(JsonElement value, HttpContext context, object body, out string name) =>
            text(value, context, body, out name) is { } reason ? reason
            : DisplayName.TryRead(name, max, out name) ? null
            : string.Create(CultureInfo.InvariantCulture, $"must be a name of 1 to {max} characters that can be seen, on one line.");
    }

    private static FieldReader<int> Whole(RangeAttribute range)
    {
        var (min, max) = ((int)range.Minimum, (int)range.Maximum);
        return Read;

        string? Read(JsonElement value, HttpContext context, object body, out int number)
        {
            var read = JsonNumbers.Whole(JsonNumbers.Read(value), min, max);
            number = read ?? 0;
            return read is null ? string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}.") : null;
        }
    }

    private static FieldReader<double> Number(RangeAttribute range)
    {
        var (min, max) = (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
        return Read;

        string? Read(JsonElement value, HttpContext context, object body, out double number)
        {
            number = JsonNumbers.Read(value) ?? double.NaN;
            return number >= min && number <= max ? null : string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}.");
        }
    }

    private static string? Flag(JsonElement value, HttpContext context, object body, out bool flag)
    {
        flag = value.ValueKind == JsonValueKind.True;
        return flag || value.ValueKind == JsonValueKind.False || bool.TryParse(String(value), out flag) ? null : "must be true or false.";
    }

    private static string? Id(JsonElement value, HttpContext context, object body, out Guid id)
    {
        var text = String(value);
        if (text == MeAlias.Alias && context.GetUser() is { } caller)
        {
            id = caller.UserId;
            return null;
        }

        return RequestValues.IsId(text, out id) ? null : "must be a UUID.";
    }

    /// <summary>By RFC 3339, from 1970 on.</summary>
    private static string? Moment(JsonElement value, HttpContext context, object body, out DateTimeOffset moment)
    {
        var read = Rfc3339.Parse(String(value));
        moment = read ?? default;
        return read >= DateTimeOffset.UnixEpoch && read <= context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() + ClockTolerance
            ? null
            : "must be a moment such as 2026-05-04T20:15:00.125Z, and at most a minute in the future.";
    }

    private static string? String(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
