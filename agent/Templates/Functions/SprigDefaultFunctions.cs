using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Functions;

/// <summary>Sprig's choices between values. Empty is what "if" takes for false.</summary>
internal static class SprigDefaultFunctions
{
    public static readonly Function[] All =
    [
        new("default", 1, 2, call => call.Count == 2 && call[1].IsTrue ? call[1] : call[0]),
        new("empty", 1, 1, call => BoolValue.Of(!call[0].IsTrue)),
        new("coalesce", 0, Function.Unlimited, call => FirstTrue(call) ?? NilValue.Null),
        new("any", 0, Function.Unlimited, call => BoolValue.Of(FirstTrue(call) is not null)),
        new("all", 0, Function.Unlimited, call => BoolValue.Of(AreAllTrue(call))),
        new("ternary", 3, 3, Ternary),
        new("required", 2, 2, call => call[1].IsNil || call[1] is TextValue { IsTrue: false } ? throw GivesUp(call) : call[1]),
        new("fail", 1, 1, call => throw GivesUp(call)),
    ];

    private static Value? FirstTrue(Call call)
    {
        foreach (var argument in call.Arguments)
        {
            if (argument.IsTrue)
                return argument;
        }

        return null;
    }

    private static bool AreAllTrue(Call call)
    {
        foreach (var argument in call.Arguments)
        {
            if (!argument.IsTrue)
                return false;
        }

        return true;
    }

    private static Value Ternary(Call call) =>
        call[2] is BoolValue condition ? call[condition.IsTrue ? 0 : 1] : throw call.WrongType(2, "bool");

    /// <summary>The message is not repeated, as it may be made of a secret; a constant one is seen in the action.</summary>
    private static Execution.EvaluationException GivesUp(Call call) => call.Error("the template gives up");
}
