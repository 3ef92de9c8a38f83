package oms;

import java.util.function.UnaryOperator;

import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenFilterFactory;

/** The token filters that look at one token at a time, with the official defaults. */
final class Filters {

    static TokenFilterFactory asciiFolding(String name, Settings settings) {
        boolean keep = settings.getAsBoolean("preserve_original", false);
        return new Filter(name, true, in -> new ASCIIFoldingFilter(in, keep));
    }

    static TokenFilterFactory edgeNgram(String name, Settings settings) {
        int min = settings.getAsInt("min_gram", 1);
        int max = settings.getAsInt("max_gram", 2);
        boolean keep = settings.getAsBoolean("preserve_original", false);
        return new Filter(name, false, in -> new EdgeNGramTokenFilter(in, min, max, keep));
    }

    static TokenFilterFactory elision(String name, Settings settings) {
        CharArraySet articles = new CharArraySet(settings.getAsList("articles"), settings.getAsBoolean("articles_case", false));
        return new Filter(name, true, in -> new ElisionFilter(in, articles));
    }

    static TokenFilterFactory stemmer(String name, Settings settings) {
        String language = settings.get("language", settings.get("name", "porter"));
        UnaryOperator<TokenStream> filter = switch (language) {
            case "english", "porter" -> PorterStemFilter::new;
            case "light_english" -> KStemFilter::new;
            case "possessive_english" -> EnglishPossessiveFilter::new;
            default -> throw new IllegalArgumentException(
                "the embedded Elasticsearch has no stemmer [" + language + "]: the official image has");
        };
        return new Filter(name, false, filter);
    }

    /** A filter that also belongs into normalizers (of keyword fields and wildcard queries) only if it keeps a token one. */
    private record Filter(String name, boolean normalizes, UnaryOperator<TokenStream> filter) implements TokenFilterFactory {
        @Override
        public TokenStream create(TokenStream in) {
            return filter.apply(in);
        }

        @Override
        public TokenStream normalize(TokenStream in) {
            return normalizes ? filter.apply(in) : in;
        }
    }

    private Filters() {}
}
