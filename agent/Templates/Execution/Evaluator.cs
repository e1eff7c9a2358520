using System.Buffers;
using SidecarAgent.Agent.Rendering;
using SidecarAgent.Agent.Templates.Formatting;
using SidecarAgent.Agent.Templates.Nodes;
using SidecarAgent.Agent.Templates.Parsing;
using SidecarAgent.Agent.Templates.Values;

namespace SidecarAgent.Agent.Templates.Execution;

/// <summary>
/// Runs a compiled template once. This part walks the statements; the other evaluates pipelines. The node at hand is
/// kept, so that whatever goes wrong below is reported with its place.
/// </summary>
internal sealed partial class Evaluator
{
    private readonly Source _source;
    private readonly IReadOnlyDictionary<string, ListNode> _templates;
    private readonly MissingKey _missingKey;
    private readonly RenderContext _context;
    private readonly IBufferWriter<byte> _output;
    private readonly Variables _variables = new();
    private Node _at;
    private string _template;

    private Evaluator(
        Source source,
        IReadOnlyDictionary<string, ListNode> templates,
        MissingKey missingKey,
        RenderContext context,
        IBufferWriter<byte> output)
    {
        (_source, _templates, _missingKey, _context, _output) = (source, templates, missingKey, context, output);
        _template = source.Name;
        _at = templates[_template];
    }

    /// <summary>How a statement ended.</summary>
    private enum Flow
    {
        Normal,
        Break,
        Continue,
    }

    /// <exception cref="RenderException">The template cannot be rendered with these values.</exception>
    public static void Run(
        Source source,
        IReadOnlyDictionary<string, ListNode> templates,
        MissingKey missingKey,
        RenderContext context,
        Value dot,
        IBufferWriter<byte> output)
    {
        var evaluator = new Evaluator(source, templates, missingKey, context, new BoundedOutput(output));
        try
        {
            evaluator.RunTemplate(source.Name, dot);
        }
        catch (EvaluationException e)
        {
            throw evaluator.Error(e.Message);
        }
    }

    private RenderException Error(string problem)
    {
        var (line, column) = _source.Position(_at.Span.Start);
        var template = _template == _source.Name ? "" : $"in template \"{_template}\" ";
        return new RenderException(_source.Name, line, column, $"{template}at <{_source.Excerpt(_at.Span)}>: {problem}");
    }

    private void RunTemplate(string name, Value dot)
    {
        var body = _templates.GetValueOrDefault(name) ?? throw new EvaluationException($"template \"{name}\" is not defined");
        var caller = (_template, Variables: _variables.Enter(dot));
        _template = name;
        Walk(body, dot);
        _variables.Leave(caller.Variables);
        _template = caller._template;
    }

    private Flow Walk(ListNode list, Value dot)
    {
        _context.Budget.Enter();
        var flow = Flow.Normal;
        for (var i = 0; i < list.Items.Count && flow == Flow.Normal; i++)
            flow = Walk(list.Items[i], dot);
        _context.Budget.Leave();
        return flow;
    }

    private Flow Walk(Node node, Value dot)
    {
        _at = node;
        _context.Budget.Spend();
        switch (node)
        {
            case TextNode text:
                _output.Write(text.Utf8);
                return Flow.Normal;
            case ActionNode action:
                var value = Evaluate(action.Pipe, dot);
                _at = node;
                if (action.Pipe.Variables.Count == 0)
                    Printer.WriteAction(value, _output);
                return Flow.Normal;
            case IfNode branch:
                return WalkChoice(branch, dot, withDot: false);
            case WithNode branch:
                return WalkChoice(branch, dot, withDot: true);
            case RangeNode range:
                return WalkRange(range, dot);
            case TemplateNode call:
                var argument = call.Pipe is null ? NilValue.Missing : Evaluate(call.Pipe, dot);
                _at = node;
                RunTemplate(call.Name, argument);
                return Flow.Normal;
            case BreakNode:
                return Flow.Break;
            default:
                return Flow.Continue;
        }
    }

    private Flow WalkChoice(BranchNode branch, Value dot, bool withDot)
    {
        var mark = _variables.Mark;
        var value = Evaluate(branch.Pipe, dot);
        var flow = value.IsTrue
            ? Walk(branch.Body, withDot ? value : dot)
            : branch.Otherwise is { } otherwise ? Walk(otherwise, dot) : Flow.Normal;
        _variables.Restore(mark);
        return flow;
    }

    private Flow WalkRange(RangeNode range, Value dot)
    {
        var outer = _variables.Mark;
        var value = Evaluate(range.Pipe, dot);
        _at = range;
        var flow = Flow.Normal;
        var ran = false;
        foreach (var (index, item) in Rounds(range, value))
        {
            ran = true;
            _context.Budget.Spend();
            var mark = _variables.Mark;
            AssignRound(range.Pipe, index, item);
            var ended = Walk(range.Body, item);
            _variables.Restore(mark);
            if (ended == Flow.Break)
                break;
        }

        if (!ran && range.Otherwise is { } otherwise)
            flow = Walk(otherwise, dot);
        _variables.Restore(outer);
        return flow;
    }

    /// <summary>What a range goes through. The keys of a map are a copy: its body may change the map.</summary>
    private static IEnumerable<(Value Index, Value Item)> Rounds(RangeNode range, Value value)
    {
        switch (value)
        {
            case ListValue list:
                return list.Items.Select((item, i) => ((Value)new IntValue(i), item));
            case MapValue map:
                return map.Keys.Select(key => ((Value)TextValue.Of(key), map[key]));
            case IntValue when range.Pipe.Variables.Count > 1:
                throw new EvaluationException("a range over a number has one variable, not two");
            case IntValue number:
                return Numbers(number.Number);
            case NilValue:
                return [];
            default:
                throw new EvaluationException($"range cannot iterate over a value of type {value.GoType}");
        }
    }

    private static IEnumerable<(Value Index, Value Item)> Numbers(long count)
    {
        for (var i = 0L; i < count; i++)
            yield return (NilValue.Missing, new IntValue(i));
    }

    /// <summary>One variable is the item, two are index and item. The pipeline has declared them already.</summary>
    private void AssignRound(PipeNode pipe, Value index, Value item)
    {
        if (pipe.Variables.Count > 1)
            _variables.Set(pipe.Variables[0], index);
        if (pipe.Variables.Count > 0)
            _variables.Set(pipe.Variables[^1], item);
    }
}
