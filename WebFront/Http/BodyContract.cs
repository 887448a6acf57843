using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Streaming.WebFront;

/// <summary>
/// How a record is bound: its properties in their order, under the names that its JSON has, by their types and attributes. Made
/// once a type, when the route is; a request costs no reflection.
/// </summary>
internal sealed class BodyContract<T>
    where T : class
{
    private const int MaxEcho = 64;

    private readonly BodyField<T>[] fields;
    private readonly Dictionary<string, int> places;
    private readonly string names;
    private readonly bool refusesOthers;
    private readonly bool asksForOne;

    private BodyContract()
    {
        fields = [.. ((JsonTypeInfo<T>)FrontJson.Contract.GetTypeInfo(typeof(T))!).Properties.Select(BodyFields.Create<T>)];
        places = fields.Select((field, place) => (field.Name, place)).ToDictionary(StringComparer.Ordinal);
        names = string.Join(", ", places.Keys);
        IsJsonOnly = typeof(T).IsDefined(typeof(JsonOnlyAttribute));
        refusesOthers = typeof(T).GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>()?.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow;
        asksForOne = typeof(T).IsDefined(typeof(AtLeastOneAttribute));
    }

    public static BodyContract<T> Instance { get; } = new();

    public bool IsJsonOnly { get; }

    public ReceivedFields Begin() => new(places);

    /// <summary>The record, or the first thing that is wrong: names, then what is missing, then values in the order of the record.</summary>
    public (T? Value, Problem? Problem) Bind(ReceivedFields received, HttpContext context)
    {
        if (CheckNames(received) is { } badName)
            return (null, badName);

        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].FindMissing(received[i], context) is { } missing)
                return (null, missing);
        }

        // A constructor call would ask for the required members, which are set or refused below.
        var body = Activator.CreateInstance<T>();
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i].Bind(body, received[i], context) is { } badValue)
                return (null, badValue);
        }

        return (body as ICheckedBody)?.Check() is { } problem ? (null, problem) : (body, null);
    }

    /// <summary>What is misspelt, or not known here, is not passed over where the record disallows it.</summary>
    private Problem? CheckNames(ReceivedFields received)
    {
        if (refusesOthers && received.Unknown is { } unknown)
            return Problem.BadRequest(RequestValues.Shorten(unknown, MaxEcho), $"This is no field of the request; it has {names}.");

        if (refusesOthers && received.Repeated is { } repeated)
            return Problem.BadRequest(RequestValues.Shorten(repeated, MaxEcho), "This field is there twice.");

        return asksForOne && received.IsEmpty ? Problem.BadRequest(fields[0].Name, $"The request has none of {names}.") : null;
    }
}

/// <summary>The fields of one request by their places in the record; of one that is there twice, the last.</summary>
internal sealed class ReceivedFields(Dictionary<string, int> places)
{
    private readonly JsonElement[] values = new JsonElement[places.Count];

    /// <summary>The first that the record does not have.</summary>
    public string? Unknown { get; private set; }

    /// <summary>The first that is there again.</summary>
    public string? Repeated { get; private set; }

    public bool IsEmpty { get; private set; } = true;

    /// <summary>Of the kind Undefined where it is not there.</summary>
    public JsonElement this[int place] => values[place];

    public void Add(string name, JsonElement value)
    {
        if (!places.TryGetValue(name, out var place))
        {
            Unknown ??= name;
            return;
        }

        if (values[place].ValueKind != JsonValueKind.Undefined)
            Repeated ??= name;

        values[place] = value;
        IsEmpty = false;
    }
}
