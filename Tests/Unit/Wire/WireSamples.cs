using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;

namespace Streaming.Tests.Wire;

/// <summary>Makes one value of each wire type, with something in every member, and tells what is in one.</summary>
internal static class WireSamples
{
    private const int MaxDepth = 8;
    private static readonly DateTimeOffset Moment = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);

    /// <summary>Every type of the product that crosses a wire or stands in a grain's storage, by the name under which it does.</summary>
    public static IReadOnlyDictionary<string, Type> Types { get; } =
        new[] { typeof(PageCursor).Assembly, typeof(GrainServices).Assembly, typeof(Outcome).Assembly }
            .Distinct()
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null)
            .Where(type => !type.IsAbstract && !type.IsAssignableTo(typeof(Exception)) && !type.IsAssignableTo(typeof(PlacementStrategy)))
            .ToDictionary(type => type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName!);

    public static object Make(Type type) => Make(type, seed: 1, depth: 0)!;

    /// <summary>Every member that is not made of others, with its value: <c>Titles[0].Title = text 3</c>.</summary>
    public static IReadOnlyList<string> Describe(object value)
    {
        var lines = new List<string>();
        Describe("", value, lines, 0);
        return lines;
    }

    private static object? Make(Type type, int seed, int depth)
    {
        Assert.True(depth < MaxDepth, $"{type} has itself in it.");
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Make(inner, seed, depth);

        if (type == typeof(string))
            return $"text {seed}";

        if (type == typeof(Guid))
            return new Guid(seed, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

        if (type == typeof(DateTimeOffset))
            return Moment.AddMinutes(seed);

        if (type == typeof(DateOnly))
            return DateOnly.FromDateTime(Moment.Date).AddDays(seed);

        if (type == typeof(TimeSpan))
            return TimeSpan.FromSeconds(seed);

        if (type == typeof(bool))
            return true;

        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Last();

        if (type.IsPrimitive || type == typeof(decimal))
            return Convert.ChangeType(seed, type, CultureInfo.InvariantCulture);

        if (type.IsAssignableTo(typeof(IDictionary)))
            return MakeDictionary(type, seed, depth);

        if (ElementOf(type) is { } element)
            return MakeList(type, element, seed, depth);

        return MakeObject(type, seed, depth);
    }

    private static IDictionary MakeDictionary(Type type, int seed, int depth)
    {
        var made = (IDictionary)Activator.CreateInstance(type)!;
        var (key, value) = (type.GetGenericArguments()[0], type.GetGenericArguments()[1]);
        for (var i = 0; i < 2; i++)
            made.Add(Make(key, seed + i, depth + 1)!, Make(value, seed + i, depth + 1));

        return made;
    }

    private static object MakeList(Type type, Type element, int seed, int depth)
    {
        var items = Array.CreateInstance(element, 2);
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Make(element, seed + i, depth + 1), i);

        if (type.IsArray)
            return items;

        if (type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return typeof(ImmutableArray).GetMethods().Single(method => method is { Name: nameof(ImmutableArray.Create) } && method.GetParameters() is [{ ParameterType.IsArray: true }])
                .MakeGenericMethod(element).Invoke(null, [items])!;
        }

        return Activator.CreateInstance(typeof(List<>).MakeGenericType(element), items)!;
    }

    private static object MakeObject(Type type, int seed, int depth)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(candidate => candidate.GetParameters() is not [{ ParameterType: var only }] || only != type)
            .MaxBy(candidate => candidate.GetParameters().Length);
        var arguments = constructor?.GetParameters().Select((parameter, i) => Make(parameter.ParameterType, seed + i, depth + 1)).ToArray();
        var made = constructor is null ? Activator.CreateInstance(type)! : constructor.Invoke(arguments);
        foreach (var property in Members(type).Where(property => property.SetMethod is not null && !IsTaken(constructor, property)))
            property.SetValue(made, Make(property.PropertyType, seed, depth + 1));

        return made;
    }

    private static bool IsTaken(ConstructorInfo? constructor, PropertyInfo property) =>
        constructor?.GetParameters().Any(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase)) == true;

    private static void Describe(string path, object? value, List<string> lines, int depth)
    {
        Assert.True(depth < MaxDepth, $"{path} has itself in it.");
        if (value is null or string or Guid or bool or decimal || value.GetType() is { IsEnum: true } or { IsPrimitive: true })
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{path} = {value}"));
        else if (value is IFormattable moment and (DateTimeOffset or DateOnly or TimeSpan))
            lines.Add($"{path} = {moment.ToString(value is TimeSpan ? "c" : "O", CultureInfo.InvariantCulture)}");
        else if (value is IDictionary pairs)
            pairs.Keys.Cast<object>().ToList().ForEach(key => Describe($"{path}[{key}]", pairs[key], lines, depth + 1));
        else if (value is IEnumerable items)
            DescribeItems(path, items, lines, depth);
        else
            Members(value.GetType()).ToList().ForEach(property => Describe(path.Length == 0 ? property.Name : $"{path}.{property.Name}", property.GetValue(value), lines, depth + 1));
    }

    private static void DescribeItems(string path, IEnumerable items, List<string> lines, int depth)
    {
        var i = 0;
        foreach (var item in items)
            Describe($"{path}[{i++}]", item, lines, depth + 1);
    }

    private static IEnumerable<PropertyInfo> Members(Type type) => type
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(property => property.GetCustomAttribute<IdAttribute>() is not null);

    private static Type? ElementOf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();

        return type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0] : null;
    }
}
