using SidecarAgent.Agent.Templates.Functions;
using SidecarAgent.Agent.Templates.Nodes;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Execution;

/// <content>Pipelines, commands, fields and calls.</content>
internal sealed partial class Evaluator
{
    private Value Evaluate(PipeNode pipe, Value dot)
    {
        _context.Budget.Enter();
        Value? value = null;
        foreach (var command in pipe.Commands)
        {
            value = Evaluate(command, dot, value);
            // At the end of a command Go forgets that a null was found in an interface.
            if (value.IsNil)
                value = NilValue.Missing;
        }

        foreach (var variable in pipe.Variables)
        {
            if (pipe.IsAssignment)
                _variables.Set(variable, value!);
            else
                _variables.Declare(variable, value!);
        }

        _context.Budget.Leave();
        return value!;
    }

    /// <param name="command">An operand and its arguments.</param>
    /// <param name="dot">The cursor.</param>
    /// <param name="piped">The value of the command before, which is the last argument; null: this is the first.</param>
    private Value Evaluate(CommandNode command, Value dot, Value? piped)
    {
        _context.Budget.Spend();
        var first = command.Operands[0];
        if (first is FunctionNode function)
            return CallFunction(function.Function, command, command.Operands, dot, piped);

        _at = first;
        if (command.Operands.Count > 1 || piped is not null)
            throw new EvaluationException($"'{_source.Excerpt(first.Span)}' is no function, so it cannot be given arguments");
        return first is NilNode ? throw new EvaluationException("nil is not a command") : Operand(first, dot);
    }

    private Value Operand(Node node, Value dot)
    {
        _at = node;
        switch (node)
        {
            case ConstantNode constant:
                return constant.Value;
            case DotNode:
                return dot;
            case NilNode:
                return NilValue.Null;
            case FieldNode field:
                return Fields(dot, field.Fields);
            case VariableNode variable:
                return Fields(_variables.Get(variable.Name), variable.Fields);
            case FunctionNode function:
                return CallFunction(function.Function, node, [node], dot, null);
            case PipeNode pipe:
                return Evaluate(pipe, dot);
            case ChainNode chain:
                var value = Operand(chain.Operand, dot);
                _at = node;
                return Fields(value, chain.Fields);
            default:
                throw new EvaluationException("this cannot be evaluated");
        }
    }

    private Value Fields(Value value, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            _context.Budget.Spend();
            value = Field(value, name);
        }

        return value;
    }

    private Value Field(Value value, string name)
    {
        if (value == NilValue.Missing)
        {
            return _missingKey == MissingKey.Error
                ? throw new EvaluationException($"there is no value to take the field '{name}' of")
                : value;
        }

        if (value == NilValue.Null)
            throw new EvaluationException($"null has no field '{name}'");
        if (value is not MapValue map)
            throw new EvaluationException($"a value of type {value.GoType} has no field '{name}'");
        if (map.TryGet(name, out var found))
            return found;
        return _missingKey switch
        {
            MissingKey.Error => throw new EvaluationException($"the map has no entry '{name}'"),
            MissingKey.Zero => NilValue.Null,
            _ => NilValue.Missing,
        };
    }

    /// <param name="function">What is called.</param>
    /// <param name="node">Where, for errors.</param>
    /// <param name="operands">The function and its arguments.</param>
    /// <param name="dot">The cursor.</param>
    /// <param name="piped">The last argument, if it comes through a pipe.</param>
    private Value CallFunction(Function function, Node node, IReadOnlyList<Node> operands, Value dot, Value? piped)
    {
        _at = node;
        var count = operands.Count - 1 + (piped is null ? 0 : 1);
        if (count < function.Min || count > function.Max)
            throw new EvaluationException(WrongCount(function, count));
        if (function.ShortCircuit != ShortCircuit.None)
            return UntilDecided(function.ShortCircuit, operands, dot, piped);

        var arguments = new Value[count];
        for (var i = 1; i < operands.Count; i++)
            arguments[i - 1] = Operand(operands[i], dot);
        if (piped is not null)
            arguments[^1] = piped;
        _at = node;
        _context.Budget.CheckTime();
        foreach (var argument in arguments)
            _context.Budget.Spend(argument);
        var result = function.Body(new Call(function, arguments, _context));
        _context.Budget.Spend(result);
        return result;
    }

    private Value UntilDecided(ShortCircuit kind, IReadOnlyList<Node> operands, Value dot, Value? piped)
    {
        Value value = NilValue.Missing;
        for (var i = 1; i < operands.Count; i++)
        {
            value = Operand(operands[i], dot);
            if (value.IsTrue == (kind == ShortCircuit.Or))
                return value;
        }

        return piped ?? value;
    }

    private static string WrongCount(Function function, int count) =>
        $"wrong number of arguments for {function.Name}: want " + (function.Min, function.Max) switch
        {
            (var min, Function.Unlimited) => $"at least {min}",
            var (min, max) when min == max => $"{min}",
            var (min, max) => $"{min} to {max}",
        } + $", got {count}";
}
